/* BITWISE_XOR and RIGHT_SHIFT of integers. The output may be an operand that is not repeated. */

/* interface */
#include "edgeq_integers_params.h"

/* what: 0 the bits in which two numbers differ; 1 the first shifted by the second, at most until one bit is left */
void edgeq_bits_s32(const edgeq_integers_params *p, const int8_t *a, const int8_t *b, int8_t *output)
    __attribute__((noinline));
void edgeq_bits_constant_s32(const edgeq_integers_params *p, const int8_t *a, int8_t *output) __attribute__((noinline));

/* implementation */
#include "edgeq_integers.h"

EDGEQ_INLINE int32_t bits_of(const edgeq_integers_params *p, int32_t a, int32_t b)
{
    const int32_t most = 8 * p->size - 1;
    if (p->what == 0) {
        return a ^ b;
    }
    return a >> (b < 0 ? 0 : b < most ? b : most);
}

void edgeq_bits_s32(const edgeq_integers_params *p, const int8_t *a, const int8_t *b, int8_t *output)
{
    edgeq_integers(p, a, b, output, bits_of);
}

void edgeq_bits_constant_s32(const edgeq_integers_params *p, const int8_t *a, int8_t *output)
{
    edgeq_integers(p, a, p->constant, output, bits_of);
}

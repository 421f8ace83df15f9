/* POW of INT32. An exponent below 0, at which TensorFlow Lite stops, gives 0. The output may be an operand that is not
   repeated. */

/* interface */
#include "edgeq_integers_params.h"

/* what: of a result beyond 32 bits 0 the smallest number, as TensorFlow Lite has it on x86; 1 its low bits */
void edgeq_power_s32(const edgeq_integers_params *p, const int8_t *a, const int8_t *b, int8_t *output)
    __attribute__((noinline));
void edgeq_power_constant_s32(const edgeq_integers_params *p, const int8_t *a, int8_t *output)
    __attribute__((noinline));

/* implementation */
#include "edgeq_integers.h"

static int32_t wrapped(int32_t base, int32_t exponent)
{
    uint32_t square = (uint32_t)base, product = 1;
    for (; exponent > 0; exponent >>= 1, square *= square) {
        if (exponent & 1) {
            product *= square;
        }
    }
    return (int32_t)product;
}

static int32_t limited(int32_t base, int32_t exponent)
{
    int64_t product = 1;
    if (base >= -1 && base <= 1 && exponent > 2) {
        exponent = 2 - (exponent & 1);
    }
    for (; exponent > 0; exponent--) {
        product *= base;
        if (product != (int32_t)product) {
            return INT32_MIN;
        }
    }
    return (int32_t)product;
}

EDGEQ_INLINE int32_t power(const edgeq_integers_params *p, int32_t base, int32_t exponent)
{
    if (exponent < 0) {
        return 0;
    }
    return p->what ? wrapped(base, exponent) : limited(base, exponent);
}

void edgeq_power_s32(const edgeq_integers_params *p, const int8_t *a, const int8_t *b, int8_t *output)
{
    edgeq_integers(p, a, b, output, power);
}

void edgeq_power_constant_s32(const edgeq_integers_params *p, const int8_t *a, int8_t *output)
{
    edgeq_integers(p, a, p->constant, output, power);
}

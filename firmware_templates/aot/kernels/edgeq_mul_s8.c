/* MUL, requantized in one affine step. The output may be an operand that is not repeated. */

/* interface */
#include "edgeq_broadcast.h"

/* MUL where one affine step with a correction of negative products is exact for every product (edgeq_arith.h). */
typedef struct {
    int32_t a_offset, b_offset;
    int32_t multiplier, addend, shift, correction;
    int32_t low, high; /* what is left to limit afterwards; most often int8's own range */
    EDGEQ_BROADCAST_FIELDS
} edgeq_mul_params;

void edgeq_mul_s8(const edgeq_mul_params *p, const int8_t *a, const int8_t *b, int8_t *output)
    __attribute__((noinline));
void edgeq_mul_constant_s8(const edgeq_mul_params *p, const int8_t *a, int8_t *output) __attribute__((noinline));

/* implementation */
#include "edgeq_arith.h"
#include "edgeq_fixed_point.h"

static __attribute__((noinline)) void mul_run(const edgeq_mul_params *parameters, const int8_t *a, const int8_t *b,
                                              int8_t *output)
{
    const edgeq_mul_params p = *parameters; /* held in registers */
    const int32_t entry[4] = {p.multiplier, p.addend, p.shift, p.correction};
    const int8_t *end = output + p.run;
    while (output < end) {
        const int32_t product = (*a + p.a_offset) * (*b + p.b_offset);
        *output++ = edgeq_requantize((uint32_t)product << 8, entry, EDGEQ_SIGNED);
        a += p.a_step;
        b += p.b_step;
    }
}

void edgeq_mul_s8(const edgeq_mul_params *p, const int8_t *a, const int8_t *b, int8_t *output)
{
    edgeq_broadcast_place place = {{0}};
    do {
        mul_run(p, a, b, output);
        edgeq_bound(output, p->run, p->low, p->high);
        output += p->run;
    } while (edgeq_broadcast_next(&place, p->loop_count, p->loops, &a, &b));
}

void edgeq_mul_constant_s8(const edgeq_mul_params *p, const int8_t *a, int8_t *output)
{
    edgeq_mul_s8(p, a, p->constant, output);
}

/* MUL in the reference's own steps. The output may be an operand that is not repeated. */

/* interface */
#include "edgeq_broadcast.h"

/* MUL in the reference's own steps: the product, rounded twice. */
typedef struct {
    int32_t a_offset, b_offset;
    int32_t multiplier, shift, output_zero_point;
    int32_t low, high;
    EDGEQ_BROADCAST_FIELDS
} edgeq_mul_rounded_params;

void edgeq_mul_rounded_s8(const edgeq_mul_rounded_params *p, const int8_t *a, const int8_t *b, int8_t *output)
    __attribute__((noinline));
void edgeq_mul_rounded_constant_s8(const edgeq_mul_rounded_params *p, const int8_t *a, int8_t *output)
    __attribute__((noinline));

/* implementation */
#include "edgeq_fixed_point.h"

static void mul_run(const edgeq_mul_rounded_params *p, const int8_t *a, const int8_t *b, int8_t *output)
{
    const int32_t a_offset = p->a_offset, b_offset = p->b_offset;
    for (int32_t left = p->run; left > 0; left--) {
        const int32_t y = edgeq_multiply((*a + a_offset) * (*b + b_offset), p->multiplier, p->shift);
        *output++ = (int8_t)edgeq_clamp(y + p->output_zero_point, p->low, p->high);
        a += p->a_step;
        b += p->b_step;
    }
}

void edgeq_mul_rounded_s8(const edgeq_mul_rounded_params *p, const int8_t *a, const int8_t *b, int8_t *output)
{
    edgeq_broadcast_place place = {{0}};
    do {
        mul_run(p, a, b, output);
        output += p->run;
    } while (edgeq_broadcast_next(&place, p->loop_count, p->loops, &a, &b));
}

void edgeq_mul_rounded_constant_s8(const edgeq_mul_rounded_params *p, const int8_t *a, int8_t *output)
{
    edgeq_mul_rounded_s8(p, a, p->constant, output);
}

/* PRELU. The output may be an operand that is not repeated. */

/* interface */
#include "edgeq_broadcast.h"

/* b is the slopes. Shifts are to the left. */
typedef struct {
    int32_t a_offset, b_offset;
    int32_t multiplier, shift;             /* of what is not below zero */
    int32_t slope_multiplier, slope_shift; /* of the products of input and slope */
    int32_t output_zero_point;
    EDGEQ_BROADCAST_FIELDS
} edgeq_prelu_params;

void edgeq_prelu_s8(const edgeq_prelu_params *p, const int8_t *a, const int8_t *b, int8_t *output)
    __attribute__((noinline));
void edgeq_prelu_constant_s8(const edgeq_prelu_params *p, const int8_t *a, int8_t *output) __attribute__((noinline));

/* implementation */
#include "edgeq_fixed_point.h"

static void prelu_run(const edgeq_prelu_params *p, const int8_t *a, const int8_t *b, int8_t *output)
{
    for (int32_t left = p->run; left > 0; left--) {
        const int32_t x = *a + p->a_offset;
        const int32_t y = x >= 0 ? edgeq_multiply(x, p->multiplier, p->shift)
                                 : edgeq_multiply(x * (*b + p->b_offset), p->slope_multiplier, p->slope_shift);
        *output++ = (int8_t)edgeq_clamp(y + p->output_zero_point, -128, 127);
        a += p->a_step;
        b += p->b_step;
    }
}

void edgeq_prelu_s8(const edgeq_prelu_params *p, const int8_t *a, const int8_t *b, int8_t *output)
{
    edgeq_broadcast_place place = {{0}};
    do {
        prelu_run(p, a, b, output);
        output += p->run;
    } while (edgeq_broadcast_next(&place, p->loop_count, p->loops, &a, &b));
}

void edgeq_prelu_constant_s8(const edgeq_prelu_params *p, const int8_t *a, int8_t *output)
{
    edgeq_prelu_s8(p, a, p->constant, output);
}

/* SQUARED_DIFFERENCE. The output may be an operand that is not repeated. */

/* interface */
#include "edgeq_broadcast.h"

/* Both operands to a common scale, the square of their difference to the output's. Shifts are to the left. */
typedef struct {
    int32_t a_offset, a_multiplier, a_shift;
    int32_t b_offset, b_multiplier, b_shift;
    int32_t output_multiplier, output_shift, output_zero_point;
    EDGEQ_BROADCAST_FIELDS
} edgeq_squared_difference_params;

void edgeq_squared_difference_s8(const edgeq_squared_difference_params *p, const int8_t *a, const int8_t *b,
                                 int8_t *output) __attribute__((noinline));
void edgeq_squared_difference_constant_s8(const edgeq_squared_difference_params *p, const int8_t *a, int8_t *output)
    __attribute__((noinline));

/* implementation */
#include "edgeq_fixed_point.h"

#define LEFT_SHIFT 7 /* keeps the fractions of the operands */

static void difference_run(const edgeq_squared_difference_params *p, const int8_t *a, const int8_t *b,
                           int8_t *output)
{
    for (int32_t left = p->run; left > 0; left--) {
        const int32_t first = edgeq_multiply((*a + p->a_offset) * (1 << LEFT_SHIFT), p->a_multiplier, p->a_shift);
        const int32_t second = edgeq_multiply((*b + p->b_offset) * (1 << LEFT_SHIFT), p->b_multiplier, p->b_shift);
        const int32_t difference = first - second;
        const int32_t y = edgeq_multiply(difference * difference, p->output_multiplier, p->output_shift);
        *output++ = (int8_t)edgeq_clamp(y + p->output_zero_point, -128, 127);
        a += p->a_step;
        b += p->b_step;
    }
}

void edgeq_squared_difference_s8(const edgeq_squared_difference_params *p, const int8_t *a, const int8_t *b,
                                 int8_t *output)
{
    edgeq_broadcast_place place = {{0}};
    do {
        difference_run(p, a, b, output);
        output += p->run;
    } while (edgeq_broadcast_next(&place, p->loop_count, p->loops, &a, &b));
}

void edgeq_squared_difference_constant_s8(const edgeq_squared_difference_params *p, const int8_t *a, int8_t *output)
{
    edgeq_squared_difference_s8(p, a, p->constant, output);
}

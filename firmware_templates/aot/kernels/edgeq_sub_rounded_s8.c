/* SUB in the reference's own steps. The output may be an operand that is not repeated. */

/* interface */
#include "edgeq_broadcast.h"

/* SUB in the reference's own steps: both operands to a common scale, with the sign of each their sum to the output's.
   Shifts are right. */
typedef struct {
    int32_t a_offset, a_multiplier, a_shift;
    int32_t b_offset, b_multiplier, b_shift;
    int32_t a_sign, b_sign; /* 1 and -1, or -1 and 1: a constant operand is b */
    int32_t output_multiplier, output_shift, output_zero_point;
    int32_t low, high;
    EDGEQ_BROADCAST_FIELDS
} edgeq_sub_rounded_params;

void edgeq_sub_rounded_s8(const edgeq_sub_rounded_params *p, const int8_t *a, const int8_t *b, int8_t *output)
    __attribute__((noinline));
void edgeq_sub_rounded_constant_s8(const edgeq_sub_rounded_params *p, const int8_t *a, int8_t *output)
    __attribute__((noinline));

/* implementation */
#include "edgeq_fixed_point.h"

#define LEFT_SHIFT 20 /* keeps the fractions of the operands */

static inline int32_t to_common_scale(int32_t x, int32_t multiplier, int32_t shift)
{
    return edgeq_rounding_shift_right(edgeq_doubling_high_mul(x * (1 << LEFT_SHIFT), multiplier), shift);
}

static void sub_run(const edgeq_sub_rounded_params *p, const int8_t *a, const int8_t *b, int8_t *output)
{
    for (int32_t left = p->run; left > 0; left--) {
        const int32_t sum = p->a_sign * to_common_scale(*a + p->a_offset, p->a_multiplier, p->a_shift) +
                            p->b_sign * to_common_scale(*b + p->b_offset, p->b_multiplier, p->b_shift);
        const int32_t y =
            edgeq_rounding_shift_right(edgeq_doubling_high_mul(sum, p->output_multiplier), p->output_shift);
        *output++ = (int8_t)edgeq_clamp(y + p->output_zero_point, p->low, p->high);
        a += p->a_step;
        b += p->b_step;
    }
}

void edgeq_sub_rounded_s8(const edgeq_sub_rounded_params *p, const int8_t *a, const int8_t *b, int8_t *output)
{
    edgeq_broadcast_place place = {{0}};
    do {
        sub_run(p, a, b, output);
        output += p->run;
    } while (edgeq_broadcast_next(&place, p->loop_count, p->loops, &a, &b));
}

void edgeq_sub_rounded_constant_s8(const edgeq_sub_rounded_params *p, const int8_t *a, int8_t *output)
{
    edgeq_sub_rounded_s8(p, a, p->constant, output);
}

/* ADD and SUB of int16. The output may be an operand that is not repeated. */

/* interface */
#include "edgeq_elementwise_s16.h"

/* In the reference's own steps: both operands to a common scale, with the sign of each their sum to the output's. Shifts of
   operands are to the right, that of the output to the left. */
typedef struct {
    int32_t a_sign, a_multiplier, a_shift;
    int32_t b_sign, b_multiplier, b_shift;
    int32_t output_multiplier, output_shift;
    int32_t low, high;
    EDGEQ_ELEMENTWISE_S16_FIELDS
} edgeq_add_s16_params;

void edgeq_add_s16(const edgeq_add_s16_params *p, const int16_t *a, const int16_t *b, int16_t *output)
    __attribute__((noinline));
void edgeq_add_constant_s16(const edgeq_add_s16_params *p, const int16_t *a, int16_t *output) __attribute__((noinline));

/* implementation */
#include "edgeq_fixed_point.h"

#define LEFT_SHIFT 15 /* keeps the fractions of the operands */

static inline int32_t to_common_scale(int32_t x, int32_t multiplier, int32_t shift)
{
    return edgeq_rounding_shift_right(edgeq_doubling_high_mul(x * (1 << LEFT_SHIFT), multiplier), shift);
}

EDGEQ_INLINE int16_t one(const void *params, int32_t a, int32_t b)
{
    const edgeq_add_s16_params *p = (const edgeq_add_s16_params *)params;
    const int32_t sum = p->a_sign * to_common_scale(a, p->a_multiplier, p->a_shift) +
                        p->b_sign * to_common_scale(b, p->b_multiplier, p->b_shift);
    return (int16_t)edgeq_clamp(edgeq_multiply(sum, p->output_multiplier, p->output_shift), p->low, p->high);
}

void edgeq_add_s16(const edgeq_add_s16_params *p, const int16_t *a, const int16_t *b, int16_t *output)
{
    const edgeq_meeting meeting = EDGEQ_MEETING(p);
    edgeq_elementwise_s16(&meeting, p, a, b, output, one);
}

void edgeq_add_constant_s16(const edgeq_add_s16_params *p, const int16_t *a, int16_t *output)
{
    edgeq_add_s16(p, a, p->constant, output);
}

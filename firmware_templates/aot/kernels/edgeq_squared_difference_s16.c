/* SQUARED_DIFFERENCE of int16. The output may be an operand that is not repeated. */

/* interface */
#include "edgeq_elementwise_s16.h"

/* Both operands to a common scale, the square of their difference to the output's. Shifts are to the left. */
typedef struct {
    int32_t a_multiplier, a_shift, b_multiplier, b_shift, output_multiplier, output_shift;
    EDGEQ_ELEMENTWISE_S16_FIELDS
} edgeq_squared_difference_s16_params;

void edgeq_squared_difference_s16(const edgeq_squared_difference_s16_params *p, const int16_t *a, const int16_t *b,
                                  int16_t *output) __attribute__((noinline));
void edgeq_squared_difference_constant_s16(const edgeq_squared_difference_s16_params *p, const int16_t *a,
                                           int16_t *output) __attribute__((noinline));

/* implementation */
#include "edgeq_fixed_point.h"

EDGEQ_INLINE int16_t one(const void *params, int32_t a, int32_t b)
{
    const edgeq_squared_difference_s16_params *p = (const edgeq_squared_difference_s16_params *)params;
    const int32_t first = edgeq_multiply(a, p->a_multiplier, p->a_shift);
    const int32_t difference = first - edgeq_multiply(b, p->b_multiplier, p->b_shift);
    const int32_t y = edgeq_multiply(difference * difference, p->output_multiplier, p->output_shift);
    return (int16_t)edgeq_clamp(y, -32768, 32767);
}

void edgeq_squared_difference_s16(const edgeq_squared_difference_s16_params *p, const int16_t *a, const int16_t *b,
                                  int16_t *output)
{
    const edgeq_meeting meeting = EDGEQ_MEETING(p);
    edgeq_elementwise_s16(&meeting, p, a, b, output, one);
}

void edgeq_squared_difference_constant_s16(const edgeq_squared_difference_s16_params *p, const int16_t *a,
                                           int16_t *output)
{
    edgeq_squared_difference_s16(p, a, p->constant, output);
}

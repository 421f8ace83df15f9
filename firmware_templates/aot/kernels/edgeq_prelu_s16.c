/* PRELU of int16. The output may be an operand that is not repeated. */

/* interface */
#include "edgeq_elementwise_s16.h"

/* b is the slopes. Shifts are to the left. */
typedef struct {
    int32_t multiplier, shift;             /* of what is not below zero */
    int32_t slope_multiplier, slope_shift; /* of the products of input and slope */
    EDGEQ_ELEMENTWISE_S16_FIELDS
} edgeq_prelu_s16_params;

void edgeq_prelu_s16(const edgeq_prelu_s16_params *p, const int16_t *a, const int16_t *b, int16_t *output)
    __attribute__((noinline));
void edgeq_prelu_constant_s16(const edgeq_prelu_s16_params *p, const int16_t *a, int16_t *output)
    __attribute__((noinline));

/* implementation */
#include "edgeq_fixed_point.h"

EDGEQ_INLINE int16_t one(const void *params, int32_t a, int32_t b)
{
    const edgeq_prelu_s16_params *p = (const edgeq_prelu_s16_params *)params;
    const int32_t y = a >= 0 ? edgeq_multiply(a, p->multiplier, p->shift)
                             : edgeq_multiply(a * b, p->slope_multiplier, p->slope_shift);
    return (int16_t)edgeq_clamp(y, -32768, 32767);
}

void edgeq_prelu_s16(const edgeq_prelu_s16_params *p, const int16_t *a, const int16_t *b, int16_t *output)
{
    const edgeq_meeting meeting = EDGEQ_MEETING(p);
    edgeq_elementwise_s16(&meeting, p, a, b, output, one);
}

void edgeq_prelu_constant_s16(const edgeq_prelu_s16_params *p, const int16_t *a, int16_t *output)
{
    edgeq_prelu_s16(p, a, p->constant, output);
}

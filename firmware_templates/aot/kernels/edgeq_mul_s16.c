/* MUL of int16. The output may be an operand that is not repeated. */

/* interface */
#include "edgeq_elementwise_s16.h"

typedef struct {
    int32_t multiplier, shift; /* the shift is to the left */
    int32_t low, high;
    EDGEQ_ELEMENTWISE_S16_FIELDS
} edgeq_mul_s16_params;

void edgeq_mul_s16(const edgeq_mul_s16_params *p, const int16_t *a, const int16_t *b, int16_t *output)
    __attribute__((noinline));
void edgeq_mul_constant_s16(const edgeq_mul_s16_params *p, const int16_t *a, int16_t *output) __attribute__((noinline));

/* implementation */
#include "edgeq_fixed_point.h"

EDGEQ_INLINE int16_t one(const void *params, int32_t a, int32_t b)
{
    const edgeq_mul_s16_params *p = (const edgeq_mul_s16_params *)params;
    return (int16_t)edgeq_clamp(edgeq_multiply(a * b, p->multiplier, p->shift), p->low, p->high);
}

void edgeq_mul_s16(const edgeq_mul_s16_params *p, const int16_t *a, const int16_t *b, int16_t *output)
{
    const edgeq_meeting meeting = EDGEQ_MEETING(p);
    edgeq_elementwise_s16(&meeting, p, a, b, output, one);
}

void edgeq_mul_constant_s16(const edgeq_mul_s16_params *p, const int16_t *a, int16_t *output)
{
    edgeq_mul_s16(p, a, p->constant, output);
}

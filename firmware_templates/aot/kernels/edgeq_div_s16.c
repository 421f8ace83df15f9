/* DIV of int16. The output may be an operand that is not repeated. */

/* interface */
#include "edgeq_elementwise_s16.h"

/* The quotient of the operands to the output's scale. The shift is to the left. */
typedef struct {
    int32_t inverted; /* whether a divides b */
    int32_t output_multiplier, output_shift, low, high;
    EDGEQ_ELEMENTWISE_S16_FIELDS
} edgeq_div_s16_params;

void edgeq_div_s16(const edgeq_div_s16_params *p, const int16_t *a, const int16_t *b, int16_t *output)
    __attribute__((noinline));
void edgeq_div_constant_s16(const edgeq_div_s16_params *p, const int16_t *a, int16_t *output) __attribute__((noinline));

/* implementation */
#include "edgeq_quotient.h"

static int16_t one(const void *params, int32_t a, int32_t b)
{
    const edgeq_div_s16_params *p = (const edgeq_div_s16_params *)params;
    const int32_t dividend = p->inverted ? b : a, divisor = p->inverted ? a : b;
    const int32_t quotient = edgeq_quotient(dividend, divisor, p->output_multiplier, p->output_shift);
    return (int16_t)edgeq_clamp(quotient, p->low, p->high);
}

void edgeq_div_s16(const edgeq_div_s16_params *p, const int16_t *a, const int16_t *b, int16_t *output)
{
    const edgeq_meeting meeting = EDGEQ_MEETING(p);
    edgeq_elementwise_s16(&meeting, p, a, b, output, one);
}

void edgeq_div_constant_s16(const edgeq_div_s16_params *p, const int16_t *a, int16_t *output)
{
    edgeq_div_s16(p, a, p->constant, output);
}

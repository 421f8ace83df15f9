/* DIV. The output may be an operand that is not repeated. */

/* interface */
#include "edgeq_broadcast.h"

/* The quotient of the operands less their zero points, to the output's scale. The shift is to the left. */
typedef struct {
    int32_t a_offset, b_offset;
    int32_t inverted; /* whether a divides b */
    int32_t output_multiplier, output_shift, output_zero_point, low, high;
    EDGEQ_BROADCAST_FIELDS
} edgeq_div_params;

void edgeq_div_s8(const edgeq_div_params *p, const int8_t *a, const int8_t *b, int8_t *output)
    __attribute__((noinline));
void edgeq_div_constant_s8(const edgeq_div_params *p, const int8_t *a, int8_t *output) __attribute__((noinline));

/* implementation */
#include "edgeq_quotient.h"

static void div_run(const edgeq_div_params *p, const int8_t *a, const int8_t *b, int8_t *output)
{
    for (int32_t left = p->run; left > 0; left--) {
        const int32_t x = *a + p->a_offset, y = *b + p->b_offset;
        const int32_t dividend = p->inverted ? y : x, divisor = p->inverted ? x : y;
        const int32_t quotient = edgeq_quotient(dividend, divisor, p->output_multiplier, p->output_shift);
        *output++ = (int8_t)edgeq_clamp(quotient + p->output_zero_point, p->low, p->high);
        a += p->a_step;
        b += p->b_step;
    }
}

void edgeq_div_s8(const edgeq_div_params *p, const int8_t *a, const int8_t *b, int8_t *output)
{
    edgeq_broadcast_place place = {{0}};
    do {
        div_run(p, a, b, output);
        output += p->run;
    } while (edgeq_broadcast_next(&place, p->loop_count, p->loops, &a, &b));
}

void edgeq_div_constant_s8(const edgeq_div_params *p, const int8_t *a, int8_t *output)
{
    edgeq_div_s8(p, a, p->constant, output);
}

/* EQUAL, NOT_EQUAL, GREATER, GREATER_EQUAL, LESS, LESS_EQUAL. The output may be an operand that is not repeated. */

/* interface */
#include "edgeq_broadcast.h"

/* Both operands to a common scale, then their order. Shifts are to the left. */
typedef struct {
    int32_t a_offset, a_multiplier, a_shift;
    int32_t b_offset, b_multiplier, b_shift;
    int32_t when_less, when_equal, when_greater; /* what comes out, by a's order to b: 0 or 1 */
    EDGEQ_BROADCAST_FIELDS
} edgeq_compare_params;

void edgeq_compare_s8(const edgeq_compare_params *p, const int8_t *a, const int8_t *b, int8_t *output)
    __attribute__((noinline));
void edgeq_compare_constant_s8(const edgeq_compare_params *p, const int8_t *a, int8_t *output)
    __attribute__((noinline));

/* implementation */
#include "edgeq_fixed_point.h"

#define LEFT_SHIFT 8 /* keeps the fractions of the operands */

static void compare_run(const edgeq_compare_params *p, const int8_t *a, const int8_t *b, int8_t *output)
{
    for (int32_t left = p->run; left > 0; left--) {
        const int32_t x = edgeq_multiply((*a + p->a_offset) * (1 << LEFT_SHIFT), p->a_multiplier, p->a_shift);
        const int32_t y = edgeq_multiply((*b + p->b_offset) * (1 << LEFT_SHIFT), p->b_multiplier, p->b_shift);
        *output++ = (int8_t)(x < y ? p->when_less : x > y ? p->when_greater : p->when_equal);
        a += p->a_step;
        b += p->b_step;
    }
}

void edgeq_compare_s8(const edgeq_compare_params *p, const int8_t *a, const int8_t *b, int8_t *output)
{
    edgeq_broadcast_place place = {{0}};
    do {
        compare_run(p, a, b, output);
        output += p->run;
    } while (edgeq_broadcast_next(&place, p->loop_count, p->loops, &a, &b));
}

void edgeq_compare_constant_s8(const edgeq_compare_params *p, const int8_t *a, int8_t *output)
{
    edgeq_compare_s8(p, a, p->constant, output);
}

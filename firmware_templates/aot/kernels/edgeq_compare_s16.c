/* EQUAL, NOT_EQUAL, GREATER, GREATER_EQUAL, LESS, LESS_EQUAL of int16. The output may be an operand that is not
   repeated. */

/* interface */
#include "edgeq_broadcast.h"

/* Both operands to a common scale, then their order. Shifts are to the left, steps and strides in bytes. */
typedef struct {
    int32_t a_multiplier, a_shift, b_multiplier, b_shift;
    int32_t when_less, when_equal, when_greater; /* what comes out, by a's order to b: 0 or 1 */
    EDGEQ_BROADCAST_FIELDS
} edgeq_compare_s16_params;

void edgeq_compare_s16(const edgeq_compare_s16_params *p, const int8_t *a, const int8_t *b, int8_t *output)
    __attribute__((noinline));
void edgeq_compare_constant_s16(const edgeq_compare_s16_params *p, const int8_t *a, int8_t *output)
    __attribute__((noinline));

/* implementation */
#include "edgeq_fixed_point.h"
#include "edgeq_mem.h"

#define LEFT_SHIFT 8 /* keeps the fractions of the operands */

static int32_t scaled(const int8_t *at, int32_t multiplier, int32_t shift)
{
    int16_t x;
    memcpy(&x, at, sizeof x);
    return edgeq_multiply(x * (1 << LEFT_SHIFT), multiplier, shift);
}

void edgeq_compare_s16(const edgeq_compare_s16_params *p, const int8_t *a, const int8_t *b, int8_t *output)
{
    edgeq_broadcast_place place = {{0}};
    do {
        const int8_t *from_a = a, *from_b = b;
        for (int32_t left = p->run; left > 0; left--) {
            const int32_t x = scaled(from_a, p->a_multiplier, p->a_shift);
            const int32_t y = scaled(from_b, p->b_multiplier, p->b_shift);
            *output++ = (int8_t)(x < y ? p->when_less : x > y ? p->when_greater : p->when_equal);
            from_a += p->a_step;
            from_b += p->b_step;
        }
    } while (edgeq_broadcast_next(&place, p->loop_count, p->loops, &a, &b));
}

void edgeq_compare_constant_s16(const edgeq_compare_s16_params *p, const int8_t *a, int8_t *output)
{
    edgeq_compare_s16(p, a, p->constant, output);
}

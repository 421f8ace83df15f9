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

void edgeq_div_s8(const edgeq_div_params *p, const int8_t *a, const int8_t *b, int8_t *output);
void edgeq_div_constant_s8(const edgeq_div_params *p, const int8_t *a, int8_t *output);

/* implementation */
#include "edgeq_reciprocal.h"

#define INVERSE_OF_ZERO (-1515870788) /* what the reference's Newton's method comes to */

static int32_t bits_of(int32_t x) /* of x >= 0, up to its highest 1 */
{
    int32_t bits = 0;
    while (x >> bits != 0) {
        bits++;
    }
    return bits;
}

/* As edgeq_rounding_shift_right where shift < 32; beyond, as x86 does, which looks at the shift's last five bits
   and at all of x as a remainder: so do the interpreters that are the reference. */
static int32_t shift_right_as_x86(int32_t x, int32_t shift)
{
    if (shift < 32) {
        return edgeq_rounding_shift_right(x, shift);
    }
    return (x >> (shift & 31)) + (x > (x < 0) - 1);
}

static int32_t inverse_of(int32_t x, int32_t bits)
{
    return edgeq_reciprocal_of_one_plus((int32_t)(((uint32_t)x << (32 - bits)) - 0x80000000u));
}

static int8_t quotient_of(const edgeq_div_params *p, int32_t dividend, int32_t divisor)
{
    const int32_t top = divisor < 0 ? -dividend : dividend;
    const int32_t bottom = divisor < 0 ? -divisor : divisor;
    const int32_t bits = bits_of(bottom);
    const int32_t headroom = top < 0 ? 32 - bits_of(-2 * top - 1) : 31 - bits_of(top);
    const int32_t inverse = bottom == 0 ? INVERSE_OF_ZERO : inverse_of(bottom, bits);
    const int32_t scaled = (int32_t)((uint32_t)top << headroom);
    const int32_t quotient = edgeq_doubling_high_mul(scaled, inverse);
    const int32_t shift = p->output_shift - (bits - 1) - headroom;
    const int32_t y = edgeq_doubling_high_mul(quotient, p->output_multiplier);
    return (int8_t)edgeq_clamp(shift_right_as_x86(y, -shift) + p->output_zero_point, p->low, p->high);
}

static void div_run(const edgeq_div_params *p, const int8_t *a, const int8_t *b, int8_t *output)
{
    for (int32_t left = p->run; left > 0; left--) {
        const int32_t x = *a + p->a_offset, y = *b + p->b_offset;
        *output++ = p->inverted ? quotient_of(p, y, x) : quotient_of(p, x, y);
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

/* Quotients of integers to another scale, as TensorFlow Lite's reference kernels have them. */
#ifndef EDGEQ_QUOTIENT_H
#define EDGEQ_QUOTIENT_H

#include "edgeq_reciprocal.h"

#define EDGEQ_INVERSE_OF_ZERO (-1515870788) /* what the reference's Newton's method comes to */

static int32_t edgeq_bits_of(int32_t x) /* of x >= 0, up to its highest 1 */
{
    int32_t bits = 0;
    while (x >> bits != 0) {
        bits++;
    }
    return bits;
}

/* As edgeq_rounding_shift_right where shift < 32; beyond, as x86 does, which looks at the shift's last five bits
   and at all of x as a remainder: so do the interpreters that are the reference. */
static int32_t edgeq_shift_right_as_x86(int32_t x, int32_t shift)
{
    if (shift < 32) {
        return edgeq_rounding_shift_right(x, shift);
    }
    return (x >> (shift & 31)) + (x > (x < 0) - 1);
}

static int32_t edgeq_inverse_of(int32_t x, int32_t bits)
{
    return edgeq_reciprocal_of_one_plus((int32_t)(((uint32_t)x << (32 - bits)) - 0x80000000u));
}

/* dividend / divisor * multiplier * 2^(shift - 31): shift > 0 is to the left. */
static inline int32_t edgeq_quotient(int32_t dividend, int32_t divisor, int32_t multiplier, int32_t shift)
{
    const int32_t top = divisor < 0 ? -dividend : dividend;
    const int32_t bottom = divisor < 0 ? -divisor : divisor;
    const int32_t bits = edgeq_bits_of(bottom);
    const int32_t headroom = top < 0 ? 32 - edgeq_bits_of(-2 * top - 1) : 31 - edgeq_bits_of(top);
    const int32_t inverse = bottom == 0 ? EDGEQ_INVERSE_OF_ZERO : edgeq_inverse_of(bottom, bits);
    const int32_t quotient = edgeq_doubling_high_mul((int32_t)((uint32_t)top << headroom), inverse);
    const int32_t right = headroom + bits - 1 - shift;
    return edgeq_shift_right_as_x86(edgeq_doubling_high_mul(quotient, multiplier), right);
}

#endif

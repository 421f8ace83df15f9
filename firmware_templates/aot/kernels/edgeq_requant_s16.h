/* From sums of int16 by int8 products to int16 outputs: the roundings of TensorFlow Lite's 16x8 kernels.
 *
 * A sum is 64 bits wide and exact. Where the reference adds in 32 bits (int32 biases) `wraps` cuts it to what that
 * gives.
 */
#ifndef EDGEQ_REQUANT_S16_H
#define EDGEQ_REQUANT_S16_H

#include "edgeq_arith.h"
#include "edgeq_fixed_point.h"

/* EDGEQ_HALF: a multiplier of 15 bits, rounded once, ties upward. EDGEQ_DOUBLE: 31 bits, rounded twice, of 32-bit sums.
   EDGEQ_REAL: a double's 53 bits, the product rounded as a double's, then to the nearest, ties away from zero. */
typedef enum { EDGEQ_HALF, EDGEQ_DOUBLE, EDGEQ_REAL } edgeq_rounding;

/* int32 elements of a channel's entry: bias (low and high word), multiplier (low and high word), shift. */
#define EDGEQ_ENTRY_S16 5

/* How many bits x has up to its highest 1. */
static inline int32_t edgeq_bit_length(uint64_t x)
{
    int32_t length = 0;
    uint32_t rest = (uint32_t)x;
    if (x >> 32 != 0u) {
        length = 32;
        rest = (uint32_t)(x >> 32);
    }
    for (int32_t step = 16; step > 0; step >>= 1) {
        if (rest >> step != 0u) {
            rest >>= step;
            length += step;
        }
    }
    return length + (rest != 0u);
}

/* round(double(x) * multiplier * 2^-shift) as a double's arithmetic gives it; |x| < 2^41, multiplier < 2^53, shift
   from 33 to 94. The product has up to 94 bits: `high` is all but its lowest 32. */
static inline int64_t edgeq_round_real(int64_t x, uint64_t multiplier, int32_t shift)
{
    const uint64_t size = x < 0 ? 0u - (uint64_t)x : (uint64_t)x;
    const uint64_t size_low = (uint32_t)size, size_high = size >> 32;
    const uint64_t low = size_low * (uint32_t)multiplier;
    uint64_t high = size_low * (multiplier >> 32) + size_high * (uint32_t)multiplier + (low >> 32);
    high += (size_high * (multiplier >> 32)) << 32;
    const int32_t bits = edgeq_bit_length(high) + 32;
    if (bits > 53) { /* half of the last place that a double keeps, which rounds to even only where it matters not */
        if (bits - 54 >= 32) {
            high += (uint64_t)1 << (bits - 86);
        } else {
            high += ((low & 0xffffffffu) + ((uint64_t)1 << (bits - 54))) >> 32;
        }
    }
    const int64_t rounded = (int64_t)((high + ((uint64_t)1 << (shift - 33))) >> (shift - 32));
    return x < 0 ? -rounded : rounded;
}

/* (x * multiplier + 2^(shift - 1)) >> shift, of a 15-bit multiplier. Where 32 bits will do the product is taken by
   halves of x, of which the lower 16 bits of the lower one's do not matter. */
EDGEQ_INLINE int32_t edgeq_round_half(int64_t x, int32_t multiplier, int32_t shift)
{
    const int32_t word = (int32_t)(uint32_t)(uint64_t)x;
    if (word == x && shift > 16) {
        const int32_t low = (int32_t)(((uint32_t)word & 0xffffu) * (uint32_t)multiplier >> 16);
        return ((word >> 16) * multiplier + low + (int32_t)((1u << (shift - 17)))) >> (shift - 16);
    }
    return (int32_t)((x * multiplier + ((int64_t)1 << (shift - 1))) >> shift);
}

/* A sum without its bias to an output without its bounds. */
EDGEQ_INLINE int32_t edgeq_requantize_s16(int64_t sum, const int32_t *entry, int32_t wraps, edgeq_rounding rounding)
{
    sum += edgeq_long(entry);
    if (wraps) {
        sum = (int32_t)(uint32_t)(uint64_t)sum;
    }
    if (rounding == EDGEQ_REAL) {
        return (int32_t)edgeq_round_real(sum, (uint64_t)edgeq_long(entry + 2), entry[4]);
    }
    if (rounding == EDGEQ_DOUBLE) {
        return edgeq_multiply((int32_t)sum, entry[2], entry[4]);
    }
    return edgeq_round_half(sum, entry[2], entry[4]);
}

#endif

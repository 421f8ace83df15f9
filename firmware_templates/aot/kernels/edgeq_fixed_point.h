/* Fixed-point multiplication, rounded as TensorFlow Lite's reference kernels round. */
#ifndef EDGEQ_FIXED_POINT_H
#define EDGEQ_FIXED_POINT_H

#include <stdint.h>

/* round(a * b / 2^31), ties upward. Not for a = b = INT32_MIN. */
static inline int32_t edgeq_doubling_high_mul(int32_t a, int32_t b)
{
    return (int32_t)(((int64_t)a * b + (1 << 30)) >> 31);
}

/* round(x / 2^shift), ties away from zero; shift from 0 to 31. */
static inline int32_t edgeq_rounding_shift_right(int32_t x, int32_t shift)
{
    if (shift == 0) {
        return x;
    }
    const int32_t mask = (int32_t)((1u << shift) - 1u);
    const int32_t threshold = (mask >> 1) + (x < 0);
    return (x >> shift) + ((x & mask) > threshold);
}

/* x * multiplier * 2^(shift - 31), rounded twice: shift > 0 is to the left. */
static inline int32_t edgeq_multiply(int32_t x, int32_t multiplier, int32_t shift)
{
    const int32_t left = shift > 0 ? shift : 0;
    const int32_t right = shift > 0 ? 0 : -shift;
    return edgeq_rounding_shift_right(edgeq_doubling_high_mul((int32_t)((uint32_t)x << left), multiplier), right);
}

static inline int32_t edgeq_clamp(int32_t x, int32_t low, int32_t high)
{
    return x < low ? low : x > high ? high : x;
}

#endif

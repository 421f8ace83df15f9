/* Division in fixed point, as TensorFlow Lite's reference kernels divide. */
#ifndef EDGEQ_RECIPROCAL_H
#define EDGEQ_RECIPROCAL_H

#include <stdint.h>

#include "edgeq_fixed_point.h"

/* x * 4, saturating. */
static inline int32_t edgeq_times_four(int32_t x)
{
    const int32_t limit = (1 << 29) - 1;
    return x > limit ? INT32_MAX : x < -limit ? INT32_MIN : x * 4;
}

/* 1 / (1 + x) for x in [0, 1), Q0.31 in and out: Newton's division from 48/17 - 32/17 d, in Q2.29. */
static inline int32_t edgeq_reciprocal_of_one_plus(int32_t x)
{
    const int32_t half_denominator = (int32_t)(((int64_t)x + INT32_MAX + 1) / 2);
    int32_t y = 1515870810 + edgeq_doubling_high_mul(half_denominator, -1010580540);
    for (int i = 0; i < 3; i++) {
        const int32_t rest = (1 << 29) - edgeq_doubling_high_mul(half_denominator, y);
        y += edgeq_times_four(edgeq_doubling_high_mul(y, rest));
    }
    const int32_t limit = (1 << 30) - 1;
    return y > limit ? INT32_MAX : y * 2;
}

#endif

/* 1 / sqrt(x) in fixed point, as TensorFlow Lite's reference kernels have it. */
#ifndef EDGEQ_INVERSE_ROOT_H
#define EDGEQ_INVERSE_ROOT_H

#include "edgeq_fixed_point.h"

static inline int32_t edgeq_saturating_shift_left(int32_t x, int32_t shift)
{
    const int32_t limit = (1 << (31 - shift)) - 1;
    return x > limit ? INT32_MAX : x < -limit - 1 ? INT32_MIN : (int32_t)((uint32_t)x << shift);
}

/* 1 / sqrt(x) as a multiplier in Q0.31 and a shift to the left, by five steps of Newton's method in Q3.28. */
static int32_t edgeq_inverse_root(int32_t x, int32_t *shift)
{
    if (x <= 1) {
        *shift = 0;
        return INT32_MAX;
    }
    int32_t right = 11;
    while (x >= 1 << 29) {
        x /= 4;
        right++;
    }
    while (x < 1 << 27) {
        x *= 4;
        right--;
    }
    const int32_t half = edgeq_rounding_shift_right(x >> 1, 1);
    int32_t root = 1 << 28;
    for (int i = 0; i < 5; i++) {
        const int32_t square = edgeq_doubling_high_mul(root, root);
        const int32_t cube = edgeq_saturating_shift_left(edgeq_doubling_high_mul(square, root), 6);
        const int32_t step = edgeq_doubling_high_mul(3 << 27, root) - edgeq_doubling_high_mul(half, cube);
        root = edgeq_saturating_shift_left(step, 3);
    }
    root = edgeq_doubling_high_mul(root, 1518500250); /* half the root of 2 */
    if (right < 0) {
        root = (int32_t)((uint32_t)root << -right);
        right = 0;
    }
    *shift = -right;
    return root;
}

#endif

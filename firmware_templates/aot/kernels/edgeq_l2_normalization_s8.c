/* L2_NORMALIZATION over the last axis. Input and output may be the same. */

/* interface */
#include <stdint.h>

typedef struct {
    int32_t rows, depth;
    int32_t zero_point; /* of the input */
    int32_t gain;       /* 1, or 128: the output's scale is 1/128, which signed bytes get by a shift and unsigned ones
                           by a product before it */
} edgeq_l2_normalization_params;

void edgeq_l2_normalization_s8(const edgeq_l2_normalization_params *p, const int8_t *input, int8_t *output);

/* implementation */
#include "edgeq_fixed_point.h"

#define OUTPUT_SHIFT 7

static inline int32_t saturating_shift_left(int32_t x, int32_t shift)
{
    const int32_t limit = (1 << (31 - shift)) - 1;
    return x > limit ? INT32_MAX : x < -limit - 1 ? INT32_MIN : (int32_t)((uint32_t)x << shift);
}

/* 1 / sqrt(x) as a multiplier in Q0.31 and a shift to the left, by five steps of Newton's method in Q3.28. */
static int32_t inverse_root(int32_t x, int32_t *shift)
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
        const int32_t cube = saturating_shift_left(edgeq_doubling_high_mul(square, root), 6);
        const int32_t step = edgeq_doubling_high_mul(3 << 27, root) - edgeq_doubling_high_mul(half, cube);
        root = saturating_shift_left(step, 3);
    }
    root = edgeq_doubling_high_mul(root, 1518500250); /* half the root of 2 */
    if (right < 0) {
        root = (int32_t)((uint32_t)root << -right);
        right = 0;
    }
    *shift = -right;
    return root;
}

void edgeq_l2_normalization_s8(const edgeq_l2_normalization_params *p, const int8_t *input, int8_t *output)
{
    for (int32_t row = 0; row < p->rows; row++) {
        int32_t sum = 0, shift;
        for (int32_t i = 0; i < p->depth; i++) {
            const int32_t x = input[i] - p->zero_point;
            sum += x * x;
        }
        const int32_t multiplier = inverse_root(sum, &shift);
        shift += p->gain == 1 ? OUTPUT_SHIFT : 0;
        for (int32_t i = 0; i < p->depth; i++) {
            const int32_t y = edgeq_multiply((input[i] - p->zero_point) * p->gain, multiplier, shift);
            output[i] = (int8_t)edgeq_clamp(y, -128, 127);
        }
        input += p->depth;
        output += p->depth;
    }
}

/* L2_NORMALIZATION over the last axis. Input and output may be the same. */

/* interface */
#include <stdint.h>

typedef struct {
    int32_t rows, depth;
    int32_t zero_point; /* of the input */
    int32_t gain;       /* 1, or 128: the output's scale is 1/128, which signed bytes get by a shift and unsigned ones
                           by a product before it */
} edgeq_l2_normalization_params;

void edgeq_l2_normalization_s8(const edgeq_l2_normalization_params *p, const int8_t *input, int8_t *output)
    __attribute__((noinline));

/* implementation */
#include "edgeq_inverse_root.h"

#define OUTPUT_SHIFT 7

void edgeq_l2_normalization_s8(const edgeq_l2_normalization_params *p, const int8_t *input, int8_t *output)
{
    for (int32_t row = 0; row < p->rows; row++) {
        int32_t sum = 0, shift;
        for (int32_t i = 0; i < p->depth; i++) {
            const int32_t x = input[i] - p->zero_point;
            sum += x * x;
        }
        const int32_t multiplier = edgeq_inverse_root(sum, &shift);
        shift += p->gain == 1 ? OUTPUT_SHIFT : 0;
        for (int32_t i = 0; i < p->depth; i++) {
            const int32_t y = edgeq_multiply((input[i] - p->zero_point) * p->gain, multiplier, shift);
            output[i] = (int8_t)edgeq_clamp(y, -128, 127);
        }
        input += p->depth;
        output += p->depth;
    }
}

/* The body of the 16x8 transposed convolutions: for every output the inputs and weights that meet there. */
#ifndef EDGEQ_TRANSPOSE_CONV_S16_H
#define EDGEQ_TRANSPOSE_CONV_S16_H

#include "edgeq_dot_s16.h"
#include "edgeq_requant_s16.h"
#include "edgeq_transpose_conv_s16_params.h"

static inline int64_t edgeq_transpose_sum_s16(const edgeq_transpose_conv_s16_params *p, const int16_t *input,
                                              const int8_t *weights, int32_t y, int32_t x)
{
    int64_t sum = 0;
    const int32_t first_y = y % p->stride_height, first_x = x % p->stride_width;
    int32_t in_y = y / p->stride_height;
    for (int32_t i = first_y; i < p->kernel_height && in_y >= 0; i += p->stride_height, in_y--) {
        int32_t in_x = x / p->stride_width;
        if (in_y >= p->input_height) {
            continue;
        }
        for (int32_t j = first_x; j < p->kernel_width && in_x >= 0; j += p->stride_width, in_x--) {
            if (in_x < p->input_width) {
                sum += edgeq_dot_s16(input + (in_y * p->input_width + in_x) * p->depth,
                                     weights + (i * p->kernel_width + j) * p->depth, p->depth);
            }
        }
    }
    return sum;
}

EDGEQ_INLINE void edgeq_transpose_conv_s16(const edgeq_transpose_conv_s16_params *p, const int16_t *input,
                                           int16_t *output, edgeq_rounding rounding)
{
    const int32_t one_channel = p->kernel_height * p->kernel_width * p->depth;
    for (int32_t batch = 0; batch < p->batches; batch++) {
        for (int32_t y = 0; y < p->output_height; y++) {
            for (int32_t x = 0; x < p->output_width; x++) {
                const int8_t *weights = p->weights;
                const int32_t *entry = p->channels;
                for (int32_t c = 0; c < p->output_channels; c++) {
                    const int64_t sum =
                        edgeq_transpose_sum_s16(p, input, weights, y + p->pad_height, x + p->pad_width);
                    const int32_t value = edgeq_requantize_s16(sum, entry, p->wraps, rounding);
                    *output++ = (int16_t)edgeq_clamp(value, p->output_min, p->output_max);
                    weights += one_channel;
                    entry += EDGEQ_ENTRY_S16;
                }
            }
        }
        input += p->input_height * p->input_width * p->depth;
    }
}

#endif

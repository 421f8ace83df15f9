/* TRANSPOSE_CONV of NHWC: for every output the inputs and weights that meet there. */

/* interface */
#include <stdint.h>

typedef struct {
    const int8_t *weights;   /* [output_channels][kernel_height][kernel_width][depth] */
    const int32_t *channels; /* [output_channels][3]: bias, multiplier, shift to the left */
    int32_t batches, input_height, input_width, depth;
    int32_t output_height, output_width, output_channels;
    int32_t kernel_height, kernel_width, stride_height, stride_width, pad_height, pad_width;
    int32_t input_offset, weights_offset, output_zero_point, low, high;
} edgeq_transpose_conv_params;

void edgeq_transpose_conv_s8(const edgeq_transpose_conv_params *p, const int8_t *input, int8_t *output)
    __attribute__((noinline));
/* The same with weights that have an offset: of the older unsigned form. */
void edgeq_transpose_conv_wide_s8(const edgeq_transpose_conv_params *p, const int8_t *input, int8_t *output)
    __attribute__((noinline));

/* implementation */
#include "edgeq_arith.h"
#include "edgeq_fixed_point.h"

EDGEQ_INLINE int32_t sum_at(const edgeq_transpose_conv_params *p, const int8_t *input, const int8_t *weights,
                            int32_t weights_offset, int32_t y, int32_t x)
{
    int32_t sum = 0;
    for (int32_t i = 0; i < p->kernel_height; i++) {
        const int32_t in_y = (y - i) / p->stride_height;
        if (y < i || in_y * p->stride_height != y - i || in_y >= p->input_height) {
            continue;
        }
        for (int32_t j = 0; j < p->kernel_width; j++) {
            const int32_t in_x = (x - j) / p->stride_width;
            if (x < j || in_x * p->stride_width != x - j || in_x >= p->input_width) {
                continue;
            }
            const int8_t *from = input + (in_y * p->input_width + in_x) * p->depth;
            const int8_t *w = weights + (i * p->kernel_width + j) * p->depth;
            for (int32_t k = 0; k < p->depth; k++) {
                sum += (from[k] + p->input_offset) * (w[k] + weights_offset);
            }
        }
    }
    return sum;
}

EDGEQ_INLINE void transpose_conv(const edgeq_transpose_conv_params *p, const int8_t *input, int32_t weights_offset,
                                 int8_t *output)
{
    const int32_t one_channel = p->kernel_height * p->kernel_width * p->depth;
    for (int32_t batch = 0; batch < p->batches; batch++) {
        for (int32_t y = 0; y < p->output_height; y++) {
            for (int32_t x = 0; x < p->output_width; x++) {
                const int8_t *weights = p->weights;
                const int32_t *channel = p->channels;
                for (int32_t c = 0; c < p->output_channels; c++) {
                    const int32_t sum = sum_at(p, input, weights, weights_offset, y + p->pad_height, x + p->pad_width);
                    const int32_t value =
                        edgeq_multiply(sum + channel[0], channel[1], channel[2]) + p->output_zero_point;
                    *output++ = (int8_t)edgeq_clamp(value, p->low, p->high);
                    weights += one_channel;
                    channel += 3;
                }
            }
        }
        input += p->input_height * p->input_width * p->depth;
    }
}

void edgeq_transpose_conv_s8(const edgeq_transpose_conv_params *p, const int8_t *input, int8_t *output)
{
    transpose_conv(p, input, 0, output);
}

void edgeq_transpose_conv_wide_s8(const edgeq_transpose_conv_params *p, const int8_t *input, int8_t *output)
{
    transpose_conv(p, input, p->weights_offset, output);
}

/* The body of the depthwise 3x3 kernels, in C for any core. */
#ifndef EDGEQ_DEPTHWISE_3X3_PLAIN_H
#define EDGEQ_DEPTHWISE_3X3_PLAIN_H

#include <stdint.h>

#include "edgeq_arith.h"
#include "edgeq_depthwise_params.h"

/* Bytes of scratch: the padded rows of one channel that a band of output rows reads. */
static inline int32_t edgeq_depthwise_3x3_plain_scratch(const edgeq_depthwise_params *p)
{
    return (((p->band - 1) * p->stride_height + 3) * p->columns + 3) & ~3;
}

/* Rows of one channel as bytes, with padding around. */
static inline void edgeq_fill_plane(const edgeq_depthwise_params *p, const int8_t *input, int32_t top, int32_t rows,
                                    int8_t *plane)
{
    const int8_t zero = (int8_t)p->input_zero_point;
    const int32_t right = p->pad_left + p->input_width < p->columns ? p->pad_left + p->input_width : p->columns;
    for (int32_t row = top - p->pad_top; rows > 0; rows--, row++, plane += p->columns) {
        const int outside = row < 0 || row >= p->input_height;
        const int32_t first = outside ? p->columns : p->pad_left;
        int32_t column = 0;
        for (; column < first; column++) {
            plane[column] = zero;
        }
        const int8_t *from = input + row * p->input_width * p->input_channels;
        for (; column < right; column++, from += p->input_channels) {
            plane[column] = *from;
        }
        for (; column < p->columns; column++) {
            plane[column] = zero;
        }
    }
}

/* One channel's output row, two columns at a time. A last odd column is computed twice and stored once. */
EDGEQ_INLINE void edgeq_depthwise_row(const int8_t *upper, int32_t pitch, int32_t stride, const int8_t *weights,
                                      int32_t bias, const int32_t *entry, int8_t *output, int32_t step,
                                      int32_t columns, edgeq_form form)
{
    for (; columns > 0; columns -= 2) {
        uint32_t left = (uint32_t)bias, right = left;
        const int8_t *row = upper;
        for (int ky = 0; ky < 3; ky++, row += pitch) {
            for (int kx = 0; kx < 3; kx++) {
                const int32_t weight = weights[4 * kx + ky + (ky == 2)];
                left = edgeq_mac(left, weight, row[kx]);
                right = edgeq_mac(right, weight, row[kx + stride]);
            }
        }
        output[columns > 1 ? step : 0] = edgeq_requantize(right << 8, entry, form);
        output[0] = edgeq_requantize(left << 8, entry, form);
        output += 2 * step;
        upper += 2 * stride;
    }
}

EDGEQ_INLINE void edgeq_depthwise_planes(const edgeq_depthwise_params *p, const int8_t *input, int8_t *output,
                                         int8_t *plane, edgeq_form form)
{
    const int32_t stride = p->stride_height, channels = p->input_channels * p->multiplier;
    for (int32_t from = 0; from < p->input_channels; from++) {
        for (int32_t first = 0; first < p->output_height; first += p->band) {
            const int32_t end = first + p->band < p->output_height ? first + p->band : p->output_height;
            edgeq_fill_plane(p, input + from, first * stride, (end - first - 1) * stride + 3, plane);
            for (int32_t channel = from * p->multiplier; channel < (from + 1) * p->multiplier; channel++) {
                const int8_t *upper = plane;
                for (int32_t y = first; y < end; y++, upper += stride * p->columns) {
                    int8_t *const to = output + y * p->output_width * channels + channel;
                    edgeq_depthwise_row(upper, p->columns, stride, p->weights + 12 * channel, p->bias[channel],
                                        p->requant + EDGEQ_ENTRY(form) * channel, to, channels, p->output_width, form);
                }
            }
        }
    }
}

EDGEQ_INLINE void edgeq_depthwise_3x3_plain(const edgeq_depthwise_params *p, const int8_t *input, int8_t *output,
                                            void *scratch, edgeq_form form)
{
    edgeq_depthwise_planes(p, input, output, (int8_t *)scratch, form);
    edgeq_bound(output, p->output_height * p->output_width * p->input_channels * p->multiplier, p->output_min,
                p->output_max);
}

#endif

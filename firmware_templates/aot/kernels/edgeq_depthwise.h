/* The body of the depthwise kernels for any shape. */
#ifndef EDGEQ_DEPTHWISE_H
#define EDGEQ_DEPTHWISE_H

#include <stdint.h>

#include "edgeq_arith.h"
#include "edgeq_kernels_mac.h"

/* For every tap, where its channels lie; outside of the input they are a row of zero points. */
static inline void edgeq_depthwise_taps(const edgeq_depthwise_params *p, const int8_t *input, int32_t out_y,
                                        int32_t out_x, const int8_t *outside, const int8_t **taps)
{
    for (int32_t ky = 0; ky < p->kernel_height; ky++) {
        const int32_t y = out_y * p->stride_height - p->pad_top + ky * p->dilation_height;
        for (int32_t kx = 0; kx < p->kernel_width; kx++) {
            const int32_t x = out_x * p->stride_width - p->pad_left + kx * p->dilation_width;
            const int inside = y >= 0 && y < p->input_height && x >= 0 && x < p->input_width;
            *taps++ = inside ? input + (y * p->input_width + x) * p->input_channels : outside;
        }
    }
}

EDGEQ_INLINE void edgeq_depthwise(const edgeq_depthwise_params *p, const int8_t *input, int8_t *output,
                                  void *scratch, edgeq_form form)
{
    const int32_t count = p->kernel_height * p->kernel_width;
    const int32_t channels = p->input_channels * p->multiplier;
    int8_t *const start = output;
    const int8_t **const taps = (const int8_t **)scratch;
    int8_t *const outside = (int8_t *)(taps + count);
    for (int32_t c = 0; c < p->input_channels; c++) {
        outside[c] = (int8_t)p->input_zero_point;
    }
    for (int32_t y = 0; y < p->output_height; y++) {
        for (int32_t x = 0; x < p->output_width; x++) {
            edgeq_depthwise_taps(p, input, y, x, outside, taps);
            const int8_t *weights = p->weights;
            const int32_t *bias = p->bias;
            const int32_t *entry = p->requant;
            for (int32_t c = 0; c < p->input_channels; c++) {
                for (int32_t m = 0; m < p->multiplier; m++) {
                    uint32_t sum = (uint32_t)*bias++;
                    for (int32_t tap = 0; tap < count; tap++) {
                        sum = edgeq_mac(sum, weights[tap * channels], taps[tap][c]);
                    }
                    *output++ = form == EDGEQ_EXACT
                                    ? edgeq_requantize_exact(sum, entry, p->output_zero_point, p->output_min,
                                                             p->output_max)
                                    : edgeq_requantize(sum << 8, entry, form);
                    entry += EDGEQ_ENTRY(form);
                    weights++;
                }
            }
        }
    }
    if (form != EDGEQ_EXACT) {
        edgeq_bound(start, p->output_height * p->output_width * channels, p->output_min, p->output_max);
    }
}

#endif

/* What the depthwise kernels for any shape share. */
#ifndef EDGEQ_DEPTHWISE_H
#define EDGEQ_DEPTHWISE_H

#include <stdint.h>

#include "edgeq_arith.h"
#include "edgeq_depthwise_params.h"

/* Bytes of scratch: a pointer a tap, on the widest machine, and a pixel of zero points. */
static inline int32_t edgeq_depthwise_scratch(const edgeq_depthwise_params *p)
{
    return 8 * p->kernel_height * p->kernel_width + ((p->input_channels + 3) & ~3);
}

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

EDGEQ_INLINE int8_t edgeq_depthwise_output(const edgeq_depthwise_params *p, uint32_t sum, const int32_t *entry,
                                           edgeq_form form)
{
    return form == EDGEQ_EXACT
               ? edgeq_requantize_exact(sum, entry, p->output_zero_point, p->output_min, p->output_max)
               : edgeq_requantize(sum << 8, entry, form);
}

/* What lies outside of the input, behind the `count` pointers in the scratch: a pixel of zero points. */
EDGEQ_INLINE const int8_t *edgeq_depthwise_outside(const edgeq_depthwise_params *p, const int8_t **taps, int32_t count)
{
    int8_t *const outside = (int8_t *)(taps + count);
    for (int32_t c = 0; c < p->input_channels; c++) {
        outside[c] = (int8_t)p->input_zero_point;
    }
    return outside;
}

/* One pixel's channels from input channel `from` on, one by one. */
EDGEQ_INLINE void edgeq_depthwise_ones(const edgeq_depthwise_params *p, const int8_t *const *taps, int32_t count,
                                       int32_t from, int8_t *output, edgeq_form form)
{
    const int32_t channels = p->input_channels * p->multiplier;
    int32_t channel = from * p->multiplier;
    for (; from < p->input_channels; from++) {
        for (int32_t m = 0; m < p->multiplier; m++, channel++) {
            uint32_t sum = (uint32_t)p->bias[channel];
            const int8_t *weight = p->weights + channel;
            EDGEQ_ROLLED
            for (int32_t tap = 0; tap < count; tap++, weight += channels) {
                sum = edgeq_mac(sum, *weight, taps[tap][from]);
            }
            output[channel] = edgeq_depthwise_output(p, sum, p->requant + channel * EDGEQ_ENTRY(form), form);
        }
    }
}

/* Narrower bounds than int8's, but for the exact form, which keeps them itself. */
EDGEQ_INLINE void edgeq_depthwise_bound(const edgeq_depthwise_params *p, int8_t *output, edgeq_form form)
{
    if (form != EDGEQ_EXACT) {
        edgeq_bound(output, p->output_height * p->output_width * p->input_channels * p->multiplier, p->output_min,
                    p->output_max);
    }
}

#endif

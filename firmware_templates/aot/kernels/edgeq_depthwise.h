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

EDGEQ_INLINE int8_t edgeq_depthwise_output(const edgeq_depthwise_params *p, uint32_t sum, const int32_t *entry,
                                           edgeq_form form)
{
    return form == EDGEQ_EXACT
               ? edgeq_requantize_exact(sum, entry, p->output_zero_point, p->output_min, p->output_max)
               : edgeq_requantize(sum << 8, entry, form);
}

#if EDGEQ_DSP
/* Four channels at once, from words; gives how many of them are done. */
static inline int32_t edgeq_depthwise_fours(const edgeq_depthwise_params *p, const int8_t *const *taps, int32_t count,
                                            int8_t *output, edgeq_form form)
{
    int32_t c = 0;
    for (; c + 4 <= p->input_channels; c += 4) {
        uint32_t sums[4];
        __builtin_memcpy(sums, p->bias + c, sizeof sums);
        const int8_t *weights = p->weights + c;
        EDGEQ_ROLLED
        for (int32_t tap = 0; tap < count; tap++, weights += p->input_channels) {
            const uint32_t x = edgeq_load_word(taps[tap] + c), w = edgeq_load_word(weights);
            const uint32_t x02 = edgeq_widen_02(x), w02 = edgeq_widen_02(w);
            const uint32_t x13 = edgeq_widen_13(x), w13 = edgeq_widen_13(w);
            sums[0] = edgeq_smlabb(x02, w02, sums[0]);
            sums[1] = edgeq_smlabb(x13, w13, sums[1]);
            sums[2] = edgeq_smlatt(x02, w02, sums[2]);
            sums[3] = edgeq_smlatt(x13, w13, sums[3]);
        }
        for (int i = 0; i < 4; i++) {
            output[c + i] = edgeq_depthwise_output(p, sums[i], p->requant + (c + i) * EDGEQ_ENTRY(form), form);
        }
    }
    return c;
}
#endif

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
        for (int32_t x = 0; x < p->output_width; x++, output += channels) {
            edgeq_depthwise_taps(p, input, y, x, outside, taps);
            int32_t channel = 0;
#if EDGEQ_DSP
            if (p->multiplier == 1) {
                channel = edgeq_depthwise_fours(p, taps, count, output, form);
            }
#endif
            for (int32_t from = channel; from < p->input_channels; from++) {
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
    }
    if (form != EDGEQ_EXACT) {
        edgeq_bound(start, p->output_height * p->output_width * channels, p->output_min, p->output_max);
    }
}

#endif

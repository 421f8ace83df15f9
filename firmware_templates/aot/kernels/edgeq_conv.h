/* The body of the convolution kernels, made into a function for each form of requantization. */
#ifndef EDGEQ_CONV_H
#define EDGEQ_CONV_H

#include <stdint.h>

#include "edgeq_arith.h"
#include "edgeq_gather.h"
#include "edgeq_kernels_mac.h"

/* Two channels' accumulators of one pixel, scaled as requantization wants them. */
EDGEQ_INLINE void edgeq_conv_store(const edgeq_conv_params *p, uint32_t even, uint32_t odd, const int32_t *entries,
                                   int32_t channels_left, int8_t *output, edgeq_form form)
{
    if (form == EDGEQ_EXACT) {
        output[0] = edgeq_requantize_exact(even, entries, p->output_zero_point, p->output_min, p->output_max);
        if (channels_left > 1) {
            output[1] = edgeq_requantize_exact(odd, entries + 6, p->output_zero_point, p->output_min, p->output_max);
        }
    } else {
        output[0] = edgeq_requantize(even << 8, entries, form);
        if (channels_left > 1) {
            output[1] = edgeq_requantize(odd - even, entries + 4, form);
        }
    }
}

/* One pixel, all channels of a group, from its patch of bytes. */
EDGEQ_INLINE void edgeq_conv_pixel(const edgeq_conv_params *p, const int8_t *patch, const int16_t *weights,
                                   const int32_t *bias, const int32_t *requant, int32_t channels, int8_t *output,
                                   edgeq_form form)
{
    for (; channels > 0; channels -= 2) {
        uint32_t even = (uint32_t)bias[0];
        uint32_t odd = (uint32_t)bias[1];
        for (int32_t k = 0; k < p->depth; k += 4, weights += 4) {
            const int8_t x[4] = {patch[k], patch[k + 2], patch[k + 1], patch[k + 3]};
            for (int i = 0; i < 4; i++) {
                const int32_t both = weights[i];
                even = edgeq_mac(even, (int8_t)both, x[i]);
                odd = edgeq_mac(odd, form == EDGEQ_EXACT ? both >> 8 : both, x[i]);
            }
        }
        edgeq_conv_store(p, even, odd, requant, channels, output, form);
        bias += 2;
        requant += 2 * EDGEQ_ENTRY(form);
        output += 2;
    }
}

EDGEQ_INLINE void edgeq_conv(const edgeq_conv_params *p, const int8_t *input, int8_t *output, void *scratch,
                             edgeq_form form)
{
    const int32_t channels = p->output_channels / p->groups;
    const int32_t pairs = (channels + 1) / 2;
    int8_t *const patch = (int8_t *)scratch;
    for (int32_t group = 0; group < p->groups; group++) {
        const int16_t *const weights = p->weights + group * pairs * p->depth;
        const int32_t *const bias = p->bias + group * pairs * 2;
        const int32_t *const requant = p->requant + group * channels * EDGEQ_ENTRY(form);
        int8_t *to = output + group * channels;
        for (int32_t y = 0; y < p->output_height; y++) {
            for (int32_t x = 0; x < p->output_width; x++) {
                edgeq_gather(p, input, group, y, x, patch);
                edgeq_conv_pixel(p, patch, weights, bias, requant, channels, to, form);
                to += p->output_channels;
            }
        }
    }
}

#endif

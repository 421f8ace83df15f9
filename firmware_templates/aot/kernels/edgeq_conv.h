/* The body of the convolution kernels, made into a function for each form of requantization. */
#ifndef EDGEQ_CONV_H
#define EDGEQ_CONV_H

#include <stdint.h>

#include "edgeq_arith.h"
#include "edgeq_gather.h"
#include "edgeq_kernels_mac.h"
#include "edgeq_pairs.h"
#include "edgeq_widen.h"

/* One group's filters. */
typedef struct {
    const int16_t *weights;
    const int32_t *bias;
    const int32_t *requant;
    int32_t channels;
} edgeq_filters;

/* Whether a pixel's inputs are those of the kernel as they lie. */
EDGEQ_INLINE int edgeq_conv_is_direct(const edgeq_conv_params *p)
{
    return p->kernel_height * p->kernel_width == 1 && p->group_channels == p->depth;
}

/* One pixel's two channels. */
EDGEQ_INLINE void edgeq_conv_store(const edgeq_conv_params *p, uint32_t even, uint32_t odd, const int32_t *entries,
                                   int32_t channels_left, int8_t *output, edgeq_form form)
{
    if (form == EDGEQ_EXACT) {
        output[0] = edgeq_requantize_exact(even, entries, p->output_zero_point, p->output_min, p->output_max);
        if (channels_left > 1) {
            output[1] = edgeq_requantize_exact(odd, entries + 8, p->output_zero_point, p->output_min, p->output_max);
        }
    } else {
        output[0] = edgeq_requantize(even << 8, entries, form);
        if (channels_left > 1) {
            output[1] = edgeq_requantize(odd - even, entries + 4, form);
        }
    }
}

#if EDGEQ_DSP

/* Sums and outputs of `pixels` pixels for channels from `channel` on; inputs are [depth / 2][pixels] words. What
 * the assembly does not do: the exact form, and the odd last channel. */
static inline void edgeq_conv_rest(const edgeq_conv_params *p, const uint32_t *inputs, int32_t pixels,
                                   const edgeq_filters *filters, int32_t channel, int8_t *output, edgeq_form form)
{
    const int16_t *weights = filters->weights + channel / 2 * p->depth;
    for (; channel < filters->channels; channel += 2, weights += p->depth) {
        for (int32_t i = 0; i < pixels; i++) {
            uint32_t even = (uint32_t)filters->bias[channel];
            uint32_t odd = (uint32_t)filters->bias[channel + 1];
            const uint32_t *input = inputs + i;
            for (int32_t k = 0; k < p->depth; k += 2, input += pixels) {
                const uint32_t both = edgeq_load_word(weights + k);
                even = edgeq_smlad(edgeq_widen_02(both), *input, even);
                odd = edgeq_smlad(form == EDGEQ_EXACT ? edgeq_widen_13(both) : both, *input, odd);
            }
            edgeq_conv_store(p, even, odd, filters->requant + channel * EDGEQ_ENTRY(form),
                             filters->channels - channel, output + i * p->output_channels + channel, form);
        }
    }
}

/* All channels of a group for 4 pixels or one. */
EDGEQ_INLINE void edgeq_conv_pixels(const edgeq_conv_params *p, const uint32_t *inputs, int32_t pixels,
                                    const edgeq_filters *filters, int8_t *output, edgeq_form form)
{
    int32_t done = 0;
    if (form != EDGEQ_EXACT && filters->channels > 1) {
        done = filters->channels & ~1;
        const edgeq_pairs pairs = {inputs, filters->weights, filters->bias, filters->requant, output,
                                   pixels == 4 ? p->output_channels : 16, p->depth, done / 2};
        if (pixels == 4) {
            edgeq_pairs_4(&pairs, form);
        } else {
            edgeq_pairs_1(&pairs, form);
        }
    }
    if (done < filters->channels) {
        edgeq_conv_rest(p, inputs, pixels, filters, done, output, form);
    }
}

EDGEQ_INLINE void edgeq_conv_group(const edgeq_conv_params *p, const int8_t *input, const edgeq_filters *filters,
                                   int8_t *output, uint32_t *words, edgeq_form form)
{
    int8_t *const patch = (int8_t *)(words + 2 * p->depth);
    const int direct = edgeq_conv_is_direct(p);
    int32_t pixels = p->output_height * p->output_width;
    int32_t top = -p->pad_top, left = -p->pad_left, column = p->output_width;
    const int8_t *from = input;
    while (pixels > 0) {
        const int32_t count = pixels >= 4 ? 4 : 1;
        EDGEQ_ROLLED
        for (int32_t i = 0; i < count; i++) {
            if (direct) {
                edgeq_widen_fours(from, p->depth, words + i, 4);
            } else {
                edgeq_gather_wide(p, input, top, left, patch, words + i);
            }
            left += p->stride_width;
            from += p->stride_width * p->input_channels;
            if (--column == 0) {
                column = p->output_width;
                left = -p->pad_left;
                top += p->stride_height;
                from = input + top * p->input_width * p->input_channels;
            }
        }
        if (count == 1) {
            for (int32_t k = 1; k < p->depth / 2; k++) {
                words[k] = words[4 * k];
            }
        }
        edgeq_conv_pixels(p, words, count, filters, output, form);
        output += count * p->output_channels;
        pixels -= count;
    }
}

#else

/* One pixel, all channels of a group, from its patch of bytes. */
EDGEQ_INLINE void edgeq_conv_pixel(const edgeq_conv_params *p, const int8_t *patch, const edgeq_filters *filters,
                                   int8_t *output, edgeq_form form)
{
    const int16_t *weights = filters->weights;
    const int32_t *bias = filters->bias;
    const int32_t *requant = filters->requant;
    for (int32_t channels = filters->channels; channels > 0; channels -= 2) {
        uint32_t even = (uint32_t)*bias++;
        uint32_t odd = (uint32_t)*bias++;
        edgeq_pair_sums(patch, weights, p->depth, &even, &odd, form);
        weights += p->depth;
        edgeq_conv_store(p, even, odd, requant, channels, output, form);
        requant += 2 * EDGEQ_ENTRY(form);
        output += 2;
    }
}

EDGEQ_INLINE void edgeq_conv_group(const edgeq_conv_params *p, const int8_t *input, const edgeq_filters *filters,
                                   int8_t *output, uint32_t *words, edgeq_form form)
{
    int8_t *const patch = (int8_t *)words;
    const int direct = edgeq_conv_is_direct(p);
    int32_t top = -p->pad_top;
    for (int32_t y = 0; y < p->output_height; y++, top += p->stride_height) {
        int32_t left = -p->pad_left;
        for (int32_t x = 0; x < p->output_width; x++, left += p->stride_width) {
            const int8_t *from = patch;
            if (direct) {
                from = input + (top * p->input_width + left) * p->input_channels;
            } else {
                edgeq_gather(p, input, top, left, patch);
            }
            edgeq_conv_pixel(p, from, filters, output, form);
            output += p->output_channels;
        }
    }
}

#endif

EDGEQ_INLINE void edgeq_conv(const edgeq_conv_params *p, const int8_t *input, int8_t *output, void *scratch,
                             edgeq_form form)
{
    const int32_t channels = p->output_channels / p->groups;
    const int32_t pairs = (channels + 1) / 2;
    for (int32_t group = 0; group < p->groups; group++) {
        const edgeq_filters filters = {
            p->weights + group * pairs * p->depth,
            p->bias + group * pairs * 2,
            p->requant + group * channels * EDGEQ_ENTRY(form),
            channels,
        };
        edgeq_conv_group(p, input + group * p->group_channels, &filters, output + group * channels,
                         (uint32_t *)scratch, form);
    }
    if (form != EDGEQ_EXACT) {
        edgeq_bound(output, p->output_height * p->output_width * p->output_channels, p->output_min, p->output_max);
    }
}

#endif

/* The body of the convolution kernels for cores with the DSP extension. */
#ifndef EDGEQ_CONV_DSP_H
#define EDGEQ_CONV_DSP_H

#include <stdint.h>

#include "edgeq_arith.h"
#include "edgeq_conv.h"
#include "edgeq_conv_params.h"
#include "edgeq_dsp.h"
#include "edgeq_gather_dsp.h"
#include "edgeq_pairs_dsp.h"

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
    edgeq_conv_place place = edgeq_gather_first_dsp(p, input, words);
    int32_t pixels = p->output_height * p->output_width;
    while (pixels > 0) {
        const int32_t count = pixels >= 4 ? 4 : 1;
        edgeq_gather_dsp(p, input, &place, count, words);
        edgeq_conv_pixels(p, words, count, filters, output, form);
        output += count * p->output_channels;
        pixels -= count;
    }
}

EDGEQ_INLINE void edgeq_conv_dsp(const edgeq_conv_params *p, const int8_t *input, int8_t *output, void *scratch,
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
    edgeq_conv_bound(p, output, form);
}

#endif

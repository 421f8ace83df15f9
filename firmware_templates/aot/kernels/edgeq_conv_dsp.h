/* The convolution kernels for cores with the DSP extension: what their forms share is edgeq_conv_dsp.c. */
#ifndef EDGEQ_CONV_DSP_H
#define EDGEQ_CONV_DSP_H

#include <stdint.h>

#include "edgeq_arith.h"
#include "edgeq_conv.h"
#include "edgeq_conv_params.h"
#include "edgeq_dsp.h"
#include "edgeq_gather_dsp.h"
#include "edgeq_pairs_dsp.h"

/* What differs from form to form. Pairs of channels of 4 pixels or one; none for the exact form. */
typedef struct {
    void (*pairs_4)(const edgeq_pairs *p);
    void (*pairs_1)(const edgeq_pairs *p);
    void (*rest)(const edgeq_conv_params *p, const uint32_t *inputs, int32_t pixels, const edgeq_filters *filters,
                 int32_t channel, int8_t *output);
    int32_t entry; /* int32 elements of a channel's entry */
} edgeq_conv_form;

void edgeq_conv_dsp(const edgeq_conv_params *p, const int8_t *input, int8_t *output, void *scratch,
                    const edgeq_conv_form *form);

/* Sums and outputs of `pixels` pixels for channels from `channel` on; inputs are [depth / 2][pixels] words. What
 * the assembly does not do: the exact form, and the odd last channel. */
EDGEQ_INLINE void edgeq_conv_rest(const edgeq_conv_params *p, const uint32_t *inputs, int32_t pixels,
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

#endif

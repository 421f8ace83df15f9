/* The body of the convolution kernel for weights that are halfwords in flash, for cores with the DSP extension. */
#ifndef EDGEQ_CONV_HALFWORDS_DSP_H
#define EDGEQ_CONV_HALFWORDS_DSP_H

#include <stdint.h>

#include "edgeq_arith.h"
#include "edgeq_conv.h"
#include "edgeq_conv_params.h"
#include "edgeq_gather_dsp.h"
#include "edgeq_halfwords_dsp.h"

/* p->weights is the stream of edgeq_halfwords.h; biases and requantization are in it. An even number of channels. */
EDGEQ_INLINE void edgeq_conv_halfwords_dsp(const edgeq_conv_params *p, const int8_t *input, int8_t *output,
                                           void *scratch)
{
    const int8_t *const end = output + p->output_height * p->output_width * p->output_channels;
    edgeq_conv_place place = edgeq_gather_first_dsp(p, input, (uint32_t *)scratch);
    edgeq_halfwords halfwords = {(uint32_t *)scratch, p->weights, output, p->output_channels,
                                 p->depth,            p->output_channels / 2};
    for (; end - halfwords.output >= 4 * p->output_channels; halfwords.output += 4 * p->output_channels) {
        edgeq_gather_dsp(p, input, &place, 4, (uint32_t *)scratch);
        edgeq_halfwords_4(&halfwords);
    }
    for (; halfwords.output != end; halfwords.output += p->output_channels) {
        edgeq_gather_dsp(p, input, &place, 1, (uint32_t *)scratch);
        edgeq_halfwords_1(&halfwords);
    }
    edgeq_conv_bound(p, output, EDGEQ_FAST);
}

#endif

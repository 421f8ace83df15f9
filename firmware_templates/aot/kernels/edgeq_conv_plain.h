/* The body of the convolution kernels, in C for any core. */
#ifndef EDGEQ_CONV_PLAIN_H
#define EDGEQ_CONV_PLAIN_H

#include <stdint.h>

#include "edgeq_arith.h"
#include "edgeq_conv.h"
#include "edgeq_gather_plain.h"
#include "edgeq_conv_params.h"
#include "edgeq_pairs_plain.h"

/* Bytes of scratch: one pixel's inputs, unless they are read where they lie. */
static inline int32_t edgeq_conv_plain_scratch(const edgeq_conv_params *p)
{
    return edgeq_conv_is_direct(p) ? 0 : p->depth;
}

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
                                   int8_t *output, int8_t *patch, edgeq_form form)
{
    const int direct = edgeq_conv_is_direct(p);
    int32_t top = -p->pad_top;
    for (int32_t y = 0; y < p->output_height; y++, top += p->stride_height) {
        int32_t left = -p->pad_left;
        for (int32_t x = 0; x < p->output_width; x++, left += p->stride_width) {
            const int8_t *from = patch;
            if (direct) {
                from = input + (top * p->input_width + left) * p->input_channels;
            } else {
                edgeq_gather_plain(p, input, top, left, patch);
            }
            edgeq_conv_pixel(p, from, filters, output, form);
            output += p->output_channels;
        }
    }
}

EDGEQ_INLINE void edgeq_conv_plain(const edgeq_conv_params *p, const int8_t *input, int8_t *output, void *scratch,
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
                         (int8_t *)scratch, form);
    }
    edgeq_conv_bound(p, output, form);
}

#endif

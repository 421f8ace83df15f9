/* The body of the fully connected kernels. */
#ifndef EDGEQ_FULLY_CONNECTED_H
#define EDGEQ_FULLY_CONNECTED_H

#include <stdint.h>

#include "edgeq_arith.h"
#include "edgeq_kernels_mac.h"
#include "edgeq_pairs.h"
#include "edgeq_widen.h"

#if EDGEQ_DSP

EDGEQ_INLINE void edgeq_rows_of_sums(const edgeq_fully_connected_params *p, const int8_t *input, int8_t *output,
                                     uint32_t *words, edgeq_form form)
{
    const int32_t pairs = p->output_channels / 2;
    for (int32_t row = 0; row < p->rows; row++) {
        edgeq_widen(input, p->input_depth, words, 1);
        const edgeq_pairs all = {words, p->weights, p->bias, p->requant, output, 4 * p->requant_stride, p->depth, pairs};
        if (pairs > 0) {
            edgeq_pairs_1(&all, form);
        }
        if (p->output_channels & 1) {
            const int16_t *const weights = p->weights + pairs * p->depth;
            uint32_t sum = (uint32_t)p->bias[2 * pairs];
            for (int32_t k = 0; k < p->depth / 2; k++) {
                sum = edgeq_smlad(edgeq_widen_02(edgeq_load_word(weights + 2 * k)), words[k], sum);
            }
            output[2 * pairs] = edgeq_requantize(sum << 8, p->requant + 2 * pairs * p->requant_stride, form);
        }
        input += p->input_depth;
        output += p->output_channels;
    }
}

#else

EDGEQ_INLINE void edgeq_rows_of_sums(const edgeq_fully_connected_params *p, const int8_t *input, int8_t *output,
                                     uint32_t *words, edgeq_form form)
{
    int8_t *const padded = (int8_t *)words; /* a row that does not end with a four */
    for (int32_t row = 0; row < p->rows; row++, input += p->input_depth) {
        const int8_t *from = input;
        if (p->input_depth != p->depth) {
            for (int32_t k = 0; k < p->depth; k++) {
                padded[k] = k < p->input_depth ? input[k] : 0;
            }
            from = padded;
        }
        const int16_t *weights = p->weights;
        const int32_t *bias = p->bias;
        const int32_t *entry = p->requant;
        for (int32_t channels = p->output_channels; channels > 0; channels -= 2, weights += p->depth) {
            uint32_t even = (uint32_t)*bias++;
            uint32_t odd = (uint32_t)*bias++;
            edgeq_pair_sums(from, weights, p->depth, &even, &odd, form);
            *output++ = edgeq_requantize(even << 8, entry, form);
            entry += p->requant_stride;
            if (channels > 1) {
                *output++ = edgeq_requantize(odd - even, entry, form);
                entry += p->requant_stride;
            }
        }
    }
}

#endif

EDGEQ_INLINE void edgeq_fully_connected(const edgeq_fully_connected_params *p, const int8_t *input, int8_t *output,
                                        uint32_t *scratch, edgeq_form form)
{
    edgeq_rows_of_sums(p, input, output, scratch, form);
    edgeq_bound(output, p->rows * p->output_channels, p->output_min, p->output_max);
}

#endif

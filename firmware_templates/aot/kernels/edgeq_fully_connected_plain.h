/* The body of the fully connected kernels, in C for any core. */
#ifndef EDGEQ_FULLY_CONNECTED_PLAIN_H
#define EDGEQ_FULLY_CONNECTED_PLAIN_H

#include <stdint.h>

#include "edgeq_arith.h"
#include "edgeq_fully_connected_params.h"
#include "edgeq_pairs_plain.h"

/* Bytes of scratch: a row that does not end with a four. */
static inline int32_t edgeq_fully_connected_plain_scratch(const edgeq_fully_connected_params *p)
{
    return p->input_depth == p->depth ? 0 : p->depth;
}

EDGEQ_INLINE void edgeq_rows_of_sums(const edgeq_fully_connected_params *p, const int8_t *input, int8_t *output,
                                     int8_t *padded, edgeq_form form)
{
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

EDGEQ_INLINE void edgeq_fully_connected_plain(const edgeq_fully_connected_params *p, const int8_t *input,
                                              int8_t *output, void *scratch, edgeq_form form)
{
    edgeq_rows_of_sums(p, input, output, (int8_t *)scratch, form);
    edgeq_bound(output, p->rows * p->output_channels, p->output_min, p->output_max);
}

#endif

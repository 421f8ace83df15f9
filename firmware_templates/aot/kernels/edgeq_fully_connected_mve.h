/* The body of the fully connected kernels for Helium: eight channels, sixteen inputs at once. */
#ifndef EDGEQ_FULLY_CONNECTED_MVE_H
#define EDGEQ_FULLY_CONNECTED_MVE_H

#include <stdint.h>

#include "edgeq_arith.h"
#include "edgeq_fully_connected_mve_params.h"
#include "edgeq_mve.h"
#include "edgeq_octets_mve.h"

EDGEQ_INLINE void edgeq_octets_mve(const edgeq_octets *octets, edgeq_form form)
{
    if (form == EDGEQ_SIGNED) {
        edgeq_octets_signed(octets);
    } else {
        edgeq_octets_fast(octets);
    }
}

EDGEQ_INLINE void edgeq_fully_connected_mve(const edgeq_fully_connected_mve_params *p, const int8_t *input,
                                            int8_t *output, void *scratch, edgeq_form form)
{
    const int32_t whole = p->output_channels / 8 * p->block, rest = p->output_channels & 7;
    int8_t *const start = output;
    edgeq_octets octets = {.left = p->left, .right = p->right, .middle = p->middle};
    octets.rest = edgeq_steps_rest(p->depth / EDGEQ_VECTOR);
    for (int32_t rows = p->rows; rows > 0; rows--, input += p->input_depth, output += p->output_channels) {
        octets.row = input;
        if (rows == 1 && p->depth != p->input_depth) { /* behind the last row there may be no memory */
            edgeq_copy_mve((int8_t *)scratch, input, p->input_depth);
            octets.row = (const int8_t *)scratch;
        }
        octets.filters = p->filters;
        octets.end = p->filters + whole;
        octets.output = output;
        if (whole > 0) {
            edgeq_octets_mve(&octets, form);
        }
        if (rest > 0) {
            int8_t last[8];
            octets.filters = octets.end;
            octets.end += p->block;
            octets.output = last;
            edgeq_octets_mve(&octets, form);
            edgeq_copy_mve(output + p->output_channels - rest, last, rest);
        }
    }
    edgeq_bound_mve(start, p->rows * p->output_channels, p->output_min, p->output_max);
}

#endif

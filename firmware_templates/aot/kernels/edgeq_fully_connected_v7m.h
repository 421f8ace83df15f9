/* The body of the fully connected kernels for Armv7-M without the DSP extension. */
#ifndef EDGEQ_FULLY_CONNECTED_V7M_H
#define EDGEQ_FULLY_CONNECTED_V7M_H

#include <stdint.h>

#include "edgeq_arith.h"
#include "edgeq_fully_connected_v7m_params.h"
#include "edgeq_octets_v7m.h"

/* Bytes of scratch: the totals, the sums of segments, and a row of outputs where the last eight channels are not all there. */
static inline int32_t edgeq_fully_connected_v7m_scratch(const edgeq_fully_connected_v7m_params *p)
{
    const int32_t eights = (p->output_channels + 7) & ~7;
    return 4 * (p->input_depth + 1) + 16 * p->segments + (eights == p->output_channels ? 0 : eights);
}

EDGEQ_INLINE void edgeq_fully_connected_v7m(const edgeq_fully_connected_v7m_params *p, const int8_t *input,
                                            int8_t *output, void *scratch, edgeq_form form)
{
    const int32_t channels = p->output_channels, eights = (channels + 7) & ~7;
    uint32_t *const totals = scratch, *const sums = totals + p->input_depth + 1;
    int8_t *const outputs = (int8_t *)(sums + 4 * p->segments);
    for (int32_t row = 0; row < p->rows; row++, input += p->input_depth) {
        int8_t *const to = output + row * channels, *const made = eights == channels ? to : outputs;
        const edgeq_octets all = {input, sums, totals, p->weights, p->bias, p->requant, made, 4 * p->requant_stride,
                                  input + p->input_depth, made + eights};
        uint32_t total = 0;
        totals[0] = 0;
        for (int32_t k = 0; k < p->input_depth; k++) {
            total -= (uint32_t)(128 * 65537 * input[k]);
            totals[k + 1] = total;
        }
        edgeq_octets_run(&all, form);
        EDGEQ_ROLLED
        for (int32_t channel = 0; made != to && channel < channels; channel++) {
            to[channel] = made[channel];
        }
    }
    edgeq_bound(output, p->rows * channels, p->output_min, p->output_max);
}

#endif

/* The body of the depthwise 3x3 kernels for cores with the DSP extension. */
#ifndef EDGEQ_DEPTHWISE_3X3_DSP_H
#define EDGEQ_DEPTHWISE_3X3_DSP_H

#include <stdint.h>

#include "edgeq_arith.h"
#include "edgeq_depthwise_params.h"
#include "edgeq_depthwise_rows_dsp.h"
#include "edgeq_gather_pairs_dsp.h"

/* Bytes of scratch: the pairs of padded rows that a band of output rows reads, of EDGEQ_LANES channels. */
static inline int32_t edgeq_depthwise_3x3_dsp_scratch(const edgeq_depthwise_params *p)
{
    return (p->band * p->stride_height / 2 + 1) * p->columns * EDGEQ_LANES * 4;
}

EDGEQ_INLINE void edgeq_depthwise_planes(const edgeq_depthwise_params *p, const int8_t *input, int8_t *output,
                                         uint32_t *scratch, edgeq_form form)
{
    const int32_t stride = p->stride_height;
    const int32_t channels = p->input_channels * p->multiplier;
    const int32_t together = p->multiplier == 1 ? EDGEQ_LANES : 1; /* lanes whose channels follow one another */
    edgeq_rows rows;
    rows.lane_bytes = p->multiplier == 1 ? 4 : 0;
    rows.pair_bytes = p->columns * EDGEQ_LANES * 4;
    rows.columns = p->output_width;
    rows.row_bytes = p->transposed ? channels : p->output_width * channels;
    rows.step = p->transposed ? p->output_height * channels : channels;
    for (int32_t first = 0; first < p->input_channels; first += EDGEQ_LANES) {
        const int32_t rest = p->input_channels - first;
        const int32_t lanes = rest < EDGEQ_LANES ? rest : EDGEQ_LANES;
        rows.channels = p->multiplier == 1 ? lanes : p->multiplier;
        for (int32_t y = 0; y < p->output_height; y += p->band) {
            const int32_t left = p->output_height - y;
            rows.rows = left < p->band ? left : p->band;
            const int32_t pairs = stride == 1 ? (rows.rows + 1) / 2 + 1 : ((rows.rows + 1) & ~1) + 1;
            edgeq_gather_pairs_dsp(p, input + first, lanes, y * stride, pairs, scratch);
            EDGEQ_ROLLED
            for (int32_t lane = 0; lane < lanes; lane += together) {
                const int32_t channel = (first + lane) * p->multiplier;
                rows.words = scratch + lane;
                rows.weights = p->weights + 12 * channel;
                rows.bias = p->bias + channel;
                rows.entry = p->requant + EDGEQ_ENTRY(form) * channel;
                rows.output = output + y * rows.row_bytes + channel;
                edgeq_depthwise_rows(&rows, stride, form);
            }
        }
    }
}

EDGEQ_INLINE void edgeq_depthwise_3x3_dsp(const edgeq_depthwise_params *p, const int8_t *input, int8_t *output,
                                          void *scratch, edgeq_form form)
{
    edgeq_depthwise_planes(p, input, output, (uint32_t *)scratch, form);
    edgeq_bound(output, p->output_height * p->output_width * p->input_channels * p->multiplier, p->output_min,
                p->output_max);
}

#endif

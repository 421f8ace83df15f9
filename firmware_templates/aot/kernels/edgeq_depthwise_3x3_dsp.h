/* The body of the depthwise 3x3 kernels for cores with the DSP extension. */
#ifndef EDGEQ_DEPTHWISE_3X3_DSP_H
#define EDGEQ_DEPTHWISE_3X3_DSP_H

#include <stdint.h>

#include "edgeq_arith.h"
#include "edgeq_depthwise_rows_dsp.h"
#include "edgeq_dsp.h"
#include "edgeq_depthwise_params.h"

/* Bytes of scratch: the pairs of padded rows that a band of output rows reads, of EDGEQ_LANES channels. */
static inline int32_t edgeq_depthwise_3x3_dsp_scratch(const edgeq_depthwise_params *p)
{
    return (p->band * p->stride_height / 2 + 1) * p->columns * EDGEQ_LANES * 4;
}

/* Up to four channels of a pixel as bytes of a word. */
EDGEQ_INLINE uint32_t edgeq_load_lanes(const int8_t *bytes, int32_t lanes)
{
    if (lanes == EDGEQ_LANES) {
        return edgeq_load_word(bytes);
    }
    uint32_t word = 0;
    EDGEQ_ROLLED
    while (lanes-- > 0) {
        word = (word << 8) | (uint8_t)bytes[lanes];
    }
    return word;
}

/* Two rows of up to four channels, side by side in words with padding around. */
EDGEQ_INLINE uint32_t *edgeq_pair_rows(const int8_t *upper, const int8_t *lower, int32_t upper_step,
                                       int32_t lower_step, int32_t count, int32_t lanes, uint32_t *words)
{
    EDGEQ_ROLLED
    for (; count > 0; count--, upper += upper_step, lower += lower_step, words += EDGEQ_LANES) {
        const uint32_t above = edgeq_load_lanes(upper, lanes), below = edgeq_load_lanes(lower, lanes);
        const uint32_t above_02 = edgeq_widen_02(above), below_02 = edgeq_widen_02(below);
        const uint32_t above_13 = edgeq_widen_13(above), below_13 = edgeq_widen_13(below);
        words[0] = edgeq_pack_bottoms(above_02, below_02);
        words[1] = edgeq_pack_bottoms(above_13, below_13);
        words[2] = edgeq_pack_tops(above_02, below_02);
        words[3] = edgeq_pack_tops(above_13, below_13);
    }
    return words;
}

EDGEQ_INLINE uint32_t *edgeq_pair_padding(uint32_t zero, int32_t count, uint32_t *words)
{
    EDGEQ_ROLLED
    for (; count > 0; count--, words += EDGEQ_LANES) {
        words[0] = words[1] = words[2] = words[3] = zero;
    }
    return words;
}

/* Pairs of padded rows from the padded row `top` on. */
static inline void edgeq_fill_pairs(const edgeq_depthwise_params *p, const int8_t *input, int32_t lanes, int32_t top,
                                    int32_t pairs, uint32_t *words)
{
    const uint32_t zero = (uint32_t)(uint16_t)p->input_zero_point * 0x10001u;
    const uint32_t zeros = (uint32_t)(uint8_t)p->input_zero_point * 0x1010101u;
    const int8_t *const outside = (const int8_t *)&zeros;
    const int32_t pitch = p->transposed ? p->input_channels : p->input_width * p->input_channels;
    const int32_t step = p->transposed ? p->input_height * p->input_channels : p->input_channels;
    const int32_t inside = p->columns - p->pad_left < p->input_width ? p->columns - p->pad_left : p->input_width;
    for (int32_t row = top - p->pad_top; pairs > 0; pairs--, row += 2) {
        const int above = row >= 0 && row < p->input_height;
        const int below = row + 1 >= 0 && row + 1 < p->input_height;
        const int8_t *const upper = above ? input + row * pitch : outside;
        const int8_t *const lower = below ? input + (row + 1) * pitch : outside;
        const int32_t upper_step = above ? step : 0, lower_step = below ? step : 0;
        words = edgeq_pair_padding(zero, p->pad_left, words);
        if (lanes == EDGEQ_LANES) {
            words = edgeq_pair_rows(upper, lower, upper_step, lower_step, inside, EDGEQ_LANES, words);
        } else {
            words = edgeq_pair_rows(upper, lower, upper_step, lower_step, inside, lanes, words);
        }
        words = edgeq_pair_padding(zero, p->columns - p->pad_left - inside, words);
    }
}

EDGEQ_INLINE void edgeq_depthwise_planes(const edgeq_depthwise_params *p, const int8_t *input, int8_t *output,
                                         uint32_t *scratch, edgeq_form form)
{
    const int32_t stride = p->stride_height;
    const int32_t channels = p->input_channels * p->multiplier;
    edgeq_rows rows;
    rows.pair_bytes = p->columns * EDGEQ_LANES * 4;
    rows.row_bytes = p->transposed ? channels : p->output_width * channels;
    rows.step = p->transposed ? p->output_height * channels : channels;
    rows.columns = p->output_width;
    for (int32_t first = 0; first < p->input_channels; first += EDGEQ_LANES) {
        const int32_t rest = p->input_channels - first;
        const int32_t lanes = rest < EDGEQ_LANES ? rest : EDGEQ_LANES;
        for (int32_t y = 0; y < p->output_height; y += p->band) {
            const int32_t left = p->output_height - y;
            rows.rows = left < p->band ? left : p->band;
            const int32_t pairs = stride == 1 ? (rows.rows + 1) / 2 + 1 : ((rows.rows + 1) & ~1) + 1;
            edgeq_fill_pairs(p, input + first, lanes, y * stride, pairs, scratch);
            for (int32_t lane = 0; lane < lanes; lane++) {
                const int32_t from = (first + lane) * p->multiplier;
                for (int32_t channel = from; channel < from + p->multiplier; channel++) {
                    rows.words = scratch + lane;
                    rows.weights = p->weights + 12 * channel;
                    rows.bias = p->bias[channel];
                    rows.entry = p->requant + 4 * channel;
                    rows.output = output + y * rows.row_bytes + channel;
                    edgeq_depthwise_rows(&rows, stride, form);
                }
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

/* The body of the depthwise 3x3 kernels. */
#ifndef EDGEQ_DEPTHWISE_3X3_H
#define EDGEQ_DEPTHWISE_3X3_H

#include <stdint.h>

#include "edgeq_arith.h"
#include "edgeq_depthwise_rows.h"
#include "edgeq_kernels_mac.h"

#if EDGEQ_DSP

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
    const int32_t pitch = p->input_width * p->input_channels;
    const int32_t inside = p->columns - p->pad_left < p->input_width ? p->columns - p->pad_left : p->input_width;
    for (int32_t row = top - p->pad_top; pairs > 0; pairs--, row += 2) {
        const int above = row >= 0 && row < p->input_height;
        const int below = row + 1 >= 0 && row + 1 < p->input_height;
        const int8_t *const upper = above ? input + row * pitch : outside;
        const int8_t *const lower = below ? input + (row + 1) * pitch : outside;
        const int32_t upper_step = above ? p->input_channels : 0, lower_step = below ? p->input_channels : 0;
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
    rows.row_bytes = p->output_width * channels;
    rows.step = channels;
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

#else

/* Rows of one channel as bytes, with padding around. */
static inline void edgeq_fill_plane(const edgeq_depthwise_params *p, const int8_t *input, int32_t top, int32_t rows,
                                    int8_t *plane)
{
    const int8_t zero = (int8_t)p->input_zero_point;
    const int32_t right = p->pad_left + p->input_width < p->columns ? p->pad_left + p->input_width : p->columns;
    for (int32_t row = top - p->pad_top; rows > 0; rows--, row++, plane += p->columns) {
        const int outside = row < 0 || row >= p->input_height;
        const int32_t first = outside ? p->columns : p->pad_left;
        int32_t column = 0;
        for (; column < first; column++) {
            plane[column] = zero;
        }
        const int8_t *from = input + row * p->input_width * p->input_channels;
        for (; column < right; column++, from += p->input_channels) {
            plane[column] = *from;
        }
        for (; column < p->columns; column++) {
            plane[column] = zero;
        }
    }
}

/* One channel's output row, two columns at a time. A last odd column is computed twice and stored once. */
EDGEQ_INLINE void edgeq_depthwise_row(const int8_t *upper, int32_t pitch, int32_t stride, const int8_t *weights,
                                      int32_t bias, const int32_t *entry, int8_t *output, int32_t step,
                                      int32_t columns, edgeq_form form)
{
    for (; columns > 0; columns -= 2) {
        uint32_t left = (uint32_t)bias, right = left;
        const int8_t *row = upper;
        for (int ky = 0; ky < 3; ky++, row += pitch) {
            for (int kx = 0; kx < 3; kx++) {
                const int32_t weight = weights[4 * kx + ky + (ky == 2)];
                left = edgeq_mac(left, weight, row[kx]);
                right = edgeq_mac(right, weight, row[kx + stride]);
            }
        }
        output[columns > 1 ? step : 0] = edgeq_requantize(right << 8, entry, form);
        output[0] = edgeq_requantize(left << 8, entry, form);
        output += 2 * step;
        upper += 2 * stride;
    }
}

/* The scratch holds the rows of one channel that the pairs of rows of four channels would take. */
EDGEQ_INLINE void edgeq_depthwise_planes(const edgeq_depthwise_params *p, const int8_t *input, int8_t *output,
                                         uint32_t *scratch, edgeq_form form)
{
    int8_t *const plane = (int8_t *)scratch;
    const int32_t stride = p->stride_height, channels = p->input_channels * p->multiplier;
    const int32_t band = (16 * (p->band * stride / 2 + 1) - 3) / stride + 1;
    for (int32_t from = 0; from < p->input_channels; from++) {
        for (int32_t first = 0; first < p->output_height; first += band) {
            const int32_t end = first + band < p->output_height ? first + band : p->output_height;
            edgeq_fill_plane(p, input + from, first * stride, (end - first - 1) * stride + 3, plane);
            for (int32_t channel = from * p->multiplier; channel < (from + 1) * p->multiplier; channel++) {
                const int8_t *upper = plane;
                for (int32_t y = first; y < end; y++, upper += stride * p->columns) {
                    int8_t *const to = output + y * p->output_width * channels + channel;
                    edgeq_depthwise_row(upper, p->columns, stride, p->weights + 12 * channel, p->bias[channel],
                                        p->requant + 4 * channel, to, channels, p->output_width, form);
                }
            }
        }
    }
}

#endif

EDGEQ_INLINE void edgeq_depthwise_3x3(const edgeq_depthwise_params *p, const int8_t *input, int8_t *output,
                                      uint32_t *scratch, edgeq_form form)
{
    edgeq_depthwise_planes(p, input, output, scratch, form);
    edgeq_bound(output, p->output_height * p->output_width * p->input_channels * p->multiplier, p->output_min,
                p->output_max);
}

#endif

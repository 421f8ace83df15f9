/* The body of the depthwise 3x3 kernels for Armv7-M without the DSP extension. */
#ifndef EDGEQ_DEPTHWISE_3X3_V7M_H
#define EDGEQ_DEPTHWISE_3X3_V7M_H

#include <stdint.h>

#include "edgeq_arith.h"
#include "edgeq_depthwise_params.h"
#include "edgeq_sixes_v7m.h"
#include "edgeq_spread_v7m.h"
#include "edgeq_window_sum.h"

/* Bytes of scratch: the padded rows of one channel that a band of output rows reads, as halfwords. */
static inline int32_t edgeq_depthwise_3x3_v7m_scratch(const edgeq_depthwise_params *p)
{
    return (2 * ((p->band - 1) * p->stride_height + 3) * p->columns + 3) & ~3;
}

/* Zero points to the upper bytes of halfwords. */
EDGEQ_INLINE void edgeq_pad_plane(int8_t zero, int32_t count, int8_t *to)
{
    EDGEQ_ROLLED
    for (; count > 0; count--, to += 2) {
        to[1] = zero;
    }
}

/* Padded rows of one channel from the padded row `top` on, each input times 256; lower bytes are zero before. Where the plane
 * is the one before's, its padding is there. */
static inline void edgeq_fill_plane(const edgeq_depthwise_params *p, const int8_t *input, int32_t top, int32_t rows,
                                    int8_t *plane, int padded)
{
    const int8_t zero = (int8_t)p->input_zero_point;
    const int32_t pitch = p->transposed ? p->input_channels : p->input_width * p->input_channels;
    const int32_t step = p->transposed ? p->input_height * p->input_channels : p->input_channels;
    const int32_t inside = p->columns - p->pad_left < p->input_width ? p->columns - p->pad_left : p->input_width;
    const int32_t row = top - p->pad_top, first = row < 0 ? -row : 0;
    const int32_t last = p->input_height - row < rows ? p->input_height - row : rows;
    if (!padded) {
        EDGEQ_ROLLED
        for (int32_t i = 0; i < rows; i++) {
            int8_t *const to = plane + 2 * i * p->columns;
            edgeq_pad_plane(zero, i < first || i >= last ? p->columns : p->pad_left, to);
            edgeq_pad_plane(zero, p->columns - p->pad_left - inside, to + 2 * (p->pad_left + inside));
        }
    }
    if (first < last) {
        const edgeq_spread all = {input + (row + first) * pitch,
                                  step,
                                  plane + 2 * (first * p->columns + p->pad_left) + 1,
                                  inside,
                                  pitch - inside * step,
                                  2 * (p->columns - inside),
                                  last - first};
        edgeq_spread_rows(&all);
    }
}

/* Rows of one channel's outputs: by sixes, the last of which begins so early that it is whole; one or two columns alone. */
EDGEQ_INLINE void edgeq_depthwise_channel(edgeq_sixes *all, int32_t columns, int32_t stride, edgeq_form form)
{
    int32_t done = columns / 6 * 6;
    if (done > 0) {
        all->span = 2 * stride * done;
        all->over = columns - done > 2 ? 6 - (columns - done) : 0;
        edgeq_sixes_run(all, stride, form);
        if (all->over > 0) {
            return;
        }
    }
    EDGEQ_ROLLED
    for (; done < columns; done++) {
        const int16_t *plane = all->plane + done * stride;
        int8_t *output = all->output + done * all->step;
        EDGEQ_ROLLED
        for (int32_t rows = all->rows; rows > 0; rows--, plane += all->row_pitch / 2, output += all->row_bytes) {
            *output = edgeq_requantize(edgeq_window_sum(all, plane), all->entry, form);
        }
    }
}

EDGEQ_INLINE void edgeq_depthwise_planes(const edgeq_depthwise_params *p, const int8_t *input, int8_t *output,
                                         int8_t *plane, edgeq_form form)
{
    const int32_t stride = p->stride_height, channels = p->input_channels * p->multiplier;
    const int32_t row_bytes = p->transposed ? channels : p->output_width * channels;
    const int32_t step = p->transposed ? p->output_height * channels : channels;
    int32_t weights[9];
    edgeq_sixes all = {(const int16_t *)(void *)plane, 2 * p->columns, weights, 0, 0, 0, step, 0, 0, 0,
                       2 * p->columns * stride, row_bytes};
    for (int32_t from = 0; from < p->input_channels; from++) {
        for (int32_t first = 0; first < p->output_height; first += p->band) {
            all.rows = p->output_height - first < p->band ? p->output_height - first : p->band;
            edgeq_fill_plane(p, input + from, first * stride, (all.rows - 1) * stride + 3, plane,
                             from > 0 && p->band == p->output_height);
            for (int32_t channel = from * p->multiplier; channel < (from + 1) * p->multiplier; channel++) {
                const int8_t *packed = p->weights + 12 * channel;
                EDGEQ_UNROLLED
                for (int column = 0; column < 3; column++, packed += 4) {
                    weights[column] = packed[0];
                    weights[3 + column] = packed[1];
                    weights[6 + column] = packed[3];
                }
                all.bias = (int32_t)((uint32_t)p->bias[channel] << 8);
                all.entry = p->requant + EDGEQ_ENTRY(form) * channel;
                all.output = output + first * row_bytes + channel;
                edgeq_depthwise_channel(&all, p->output_width, stride, form);
            }
        }
    }
}

EDGEQ_INLINE void edgeq_depthwise_3x3_v7m(const edgeq_depthwise_params *p, const int8_t *input, int8_t *output,
                                          void *scratch, edgeq_form form)
{
    uint32_t *const words = scratch;
    for (int32_t i = 0; i < edgeq_depthwise_3x3_v7m_scratch(p) / 4; i++) {
        words[i] = 0;
    }
    edgeq_depthwise_planes(p, input, output, (int8_t *)scratch, form);
    edgeq_bound(output, p->output_height * p->output_width * p->input_channels * p->multiplier, p->output_min,
                p->output_max);
}

#endif

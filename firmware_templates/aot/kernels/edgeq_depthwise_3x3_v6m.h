/* The body of the depthwise 3x3 kernels for cores without 32-bit Thumb instructions and long products. */
#ifndef EDGEQ_DEPTHWISE_3X3_V6M_H
#define EDGEQ_DEPTHWISE_3X3_V6M_H

#include <stdint.h>

#include "edgeq_arith.h"
#include "edgeq_depthwise_3x3_v6m_params.h"
#include "edgeq_plane_v6m.h"
#include "edgeq_requantize_v6m.h"

#define EDGEQ_PLANE_BEHIND 8 /* words behind the last row, which sums by fours read */

/* Words of a plane of a band of so many output rows. */
static inline int32_t edgeq_plane_words(const edgeq_depthwise_3x3_v6m_params *p, int32_t rows)
{
    return (rows + (p->stride == 1 ? 2 : 1)) * p->columns + EDGEQ_PLANE_BEHIND;
}

/* Bytes of scratch: a band's planes. */
static inline int32_t edgeq_depthwise_3x3_v6m_scratch(const edgeq_depthwise_3x3_v6m_params *p)
{
    return 4 * (p->stride == 1 ? 1 : 4) * edgeq_plane_words(p, p->band);
}

/* Of `count` places, `stride` apart from one that may lie before the first, those that lie within `size`. */
typedef struct {
    int32_t first, end;
} edgeq_plane_span;

static inline edgeq_plane_span edgeq_plane_within(int32_t start, int32_t size, int32_t stride, int32_t count)
{
    const int32_t before = start < 0 ? (stride - 1 - start) >> (stride - 1) : 0;
    const int32_t end = (size - start + stride - 1) >> (stride - 1);
    const edgeq_plane_span span = {before, end < count ? end : count};
    return span;
}

/* Where a plane of so many output rows from a row on has its words from: that of even or odd rows and columns. */
static inline void edgeq_plane_find(const edgeq_depthwise_3x3_v6m_params *p, const int8_t *input, int32_t first,
                                    int32_t rows, int odd_row, int odd_column, edgeq_plane_source *source)
{
    const int32_t stride = p->stride, columns = p->columns;
    const int32_t top = first * stride - p->pad_top + odd_row, left = odd_column - p->pad_left;
    const int32_t lines = stride == 1 ? rows + 2 : rows + 1 - odd_row;
    const edgeq_plane_span down = edgeq_plane_within(top, p->input_height, stride, lines);
    const edgeq_plane_span across = edgeq_plane_within(left, p->input_width, stride, columns);
    const int32_t behind = stride == 1 ? 1 : 0; /* right of the last row */
    const int32_t inside = across.end - across.first;
    source->from = input;
    source->zero_point = p->input_zero_point;
    source->rows = down.end - down.first;
    source->above_bytes = 0;
    source->below_bytes = 4 * (lines * columns + behind);
    if (source->rows <= 0 || inside <= 0) {
        source->rows = 0;
        return;
    }
    source->above_bytes = 4 * (down.first * columns + across.first);
    source->between_bytes = 4 * (columns - inside);
    source->below_bytes = 4 * ((lines - down.end + 1) * columns - across.end + behind);
    source->inside_more = inside - 4;
    source->step_bytes = stride * p->input_column;
    source->gap_bytes = stride * p->input_row - inside * source->step_bytes;
    source->from = input + (top + stride * down.first) * p->input_row + (left + stride * across.first) * p->input_column;
}

EDGEQ_INLINE void edgeq_plane_store(const edgeq_plane_outputs *outputs, edgeq_form form)
{
    if (form == EDGEQ_FAST) {
        edgeq_plane_bytes(outputs);
        return;
    }
    const int32_t *words = outputs->words;
    for (int32_t row = 0; row < outputs->rows; row++, words += outputs->gap_bytes / 4) {
        int8_t *output = outputs->output + row * outputs->row_step;
        for (int32_t i = 0; i < outputs->row_bytes; i += 4, output += outputs->column_step) {
            *output = edgeq_requantize_sum(*words++, outputs->requant, form);
        }
    }
}

EDGEQ_INLINE void edgeq_depthwise_3x3_v6m(const edgeq_depthwise_3x3_v6m_params *p, const int8_t *input, int8_t *output,
                                          void *scratch, edgeq_form form)
{
    int32_t *const words = scratch;
    const int32_t columns = p->columns;
    const int planes = p->stride == 1 ? 1 : 4;
    for (int32_t first = 0; first < p->output_height; first += p->band) {
        const int32_t left = p->output_height - first, rows = left < p->band ? left : p->band;
        const int32_t size = edgeq_plane_words(p, rows);
        edgeq_plane_source sources[4];
        for (int i = 0; i < planes; i++) {
            edgeq_plane_find(p, input, first, rows, i >> 1, i & 1, sources + i);
        }
        edgeq_plane plane = {words, words + ((rows * columns + 3) & ~3), p->weights, 4 * columns,
                             4 * (p->stride == 1 ? columns : size)};
        edgeq_plane_outputs outputs = {words, p->requant, output + first * p->output_row, 4 * p->output_width, rows,
                                       p->output_row, p->output_column, 4 * (columns - p->output_width)};
        for (int32_t channel = 0; channel < p->channels; channel++) {
            EDGEQ_ROLLED
            for (int i = 0; i < planes; i++) {
                edgeq_plane_fill(sources + i, words + i * size);
                sources[i].from++;
            }
            if (p->stride == 1) {
                edgeq_plane_sums_1(&plane);
            } else {
                edgeq_plane_sums_2(&plane);
            }
            edgeq_plane_store(&outputs, form);
            plane.weights += 9;
            outputs.requant += EDGEQ_ROW(form);
            outputs.output++;
        }
    }
}

#endif

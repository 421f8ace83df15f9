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

EDGEQ_INLINE int32_t *edgeq_plane_pad(int32_t *words, int32_t value, int32_t count)
{
    EDGEQ_ROLLED
    for (; count > 0; count--) {
        *words++ = value;
    }
    return words;
}

/* Every `stride`th column of an input row, from a column on, to a row of a plane. */
static inline void edgeq_plane_row(const edgeq_depthwise_3x3_v6m_params *p, const int8_t *row, int32_t column,
                                   int32_t *words)
{
    int32_t count = p->columns;
    int32_t inside = 0;
    if (row) {
        for (; column < 0; column += p->stride, count--) {
            *words++ = p->input_zero_point;
        }
        const int32_t left = p->input_width - column;
        inside = p->stride == 1 ? left : (left + 1) >> 1;
        inside = inside < 0 ? 0 : inside < count ? inside : count;
        edgeq_plane_widen(row + column * p->input_column, p->stride * p->input_column, inside, words);
    }
    edgeq_plane_pad(words + inside, p->input_zero_point, count - inside);
}

/* A channel's planes for so many output rows from a row on; `size` words each. */
static inline void edgeq_plane_fill(const edgeq_depthwise_3x3_v6m_params *p, const int8_t *input, int32_t first,
                                    int32_t rows, int32_t *words, int32_t size)
{
    int32_t top = first * p->stride - p->pad_top;
    const int32_t lines = (rows - 1) * p->stride + 3;
    for (int32_t line = 0; line < lines; line++, top++) {
        const int8_t *const row = top < 0 || top >= p->input_height ? 0 : input + top * p->input_row;
        if (p->stride == 1) {
            edgeq_plane_row(p, row, -p->pad_left, words);
            words += p->columns;
        } else {
            int32_t *const even = words + (line & 1 ? 2 * size : 0);
            edgeq_plane_row(p, row, -p->pad_left, even);
            edgeq_plane_row(p, row, 1 - p->pad_left, even + size);
            words += line & 1 ? p->columns : 0;
        }
    }
    if (p->stride == 1) {
        *words = p->input_zero_point; /* right of the last row */
    }
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
    edgeq_plane plane = {words, words, p->weights, 4 * columns, 4 * columns};
    edgeq_plane_outputs outputs = {words, p->requant, output, 4 * p->output_width, 0, p->output_row, p->output_column,
                                   4 * (columns - p->output_width)};
    for (int32_t channel = 0; channel < p->channels; channel++) {
        for (int32_t first = 0; first < p->output_height; first += outputs.rows) {
            const int32_t left = p->output_height - first;
            outputs.rows = left < p->band ? left : p->band;
            const int32_t size = edgeq_plane_words(p, outputs.rows);
            edgeq_plane_fill(p, input + channel, first, outputs.rows, words, size);
            plane.end = words + ((outputs.rows * columns + 3) & ~3);
            if (p->stride == 1) {
                edgeq_plane_sums_1(&plane);
            } else {
                plane.step_bytes = 4 * size;
                edgeq_plane_sums_2(&plane);
            }
            outputs.output = output + channel + first * p->output_row;
            edgeq_plane_store(&outputs, form);
        }
        plane.weights += 9;
        outputs.requant += EDGEQ_ROW(form);
    }
}

#endif

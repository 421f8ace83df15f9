/* What the assembly of edgeq_plane_v6m.h computes, in C. */
#ifndef EDGEQ_PLANE_V6M_EMULATED_H
#define EDGEQ_PLANE_V6M_EMULATED_H

#include "edgeq_arith.h"
#include "edgeq_plane.h"
#include "edgeq_requantize_v6m.h"

/* Where each tap lies, from a sum's place. */
EDGEQ_INLINE void edgeq_plane_sums(const edgeq_plane *p, const int32_t *taps)
{
    for (int32_t *words = p->words; words != p->end; words++) {
        uint32_t sum = 0;
        for (int i = 0; i < 9; i++) {
            const int32_t weight = p->weights[i];
            sum += (uint32_t)words[taps[i]] * (uint32_t)weight; /* behind the plane it may be anything */
        }
        *words = (int32_t)sum;
    }
}

static inline void edgeq_plane_sums_1(const edgeq_plane *p)
{
    const int32_t row = p->step_bytes / 4;
    const int32_t taps[9] = {0, 1, 2, row, row + 1, row + 2, 2 * row, 2 * row + 1, 2 * row + 2};
    edgeq_plane_sums(p, taps);
}

static inline void edgeq_plane_sums_2(const edgeq_plane *p)
{
    const int32_t row = p->row_bytes / 4, plane = p->step_bytes / 4;
    const int32_t taps[9] = {0, plane, 1, 2 * plane, 3 * plane, 2 * plane + 1, row, row + plane, row + 1};
    edgeq_plane_sums(p, taps);
}

static inline void edgeq_plane_bytes(const edgeq_plane_outputs *p)
{
    const int32_t *words = p->words;
    for (int32_t row = 0; row < p->rows; row++, words += p->gap_bytes / 4) {
        int8_t *output = p->output + row * p->row_step;
        for (int32_t i = 0; i < p->row_bytes / 4; i++, output += p->column_step) {
            *output = edgeq_requantize_sum(*words++, p->requant, EDGEQ_FAST);
        }
    }
}

EDGEQ_INLINE int32_t *edgeq_plane_pad(int32_t *words, int32_t value, int32_t bytes)
{
    for (; bytes > 0; bytes -= 4) {
        *words++ = value;
    }
    return words;
}

static inline void edgeq_plane_fill(const edgeq_plane_source *p, int32_t *words)
{
    const int8_t *from = p->from;
    words = edgeq_plane_pad(words, p->zero_point, p->above_bytes);
    for (int32_t row = 0; row < p->rows; row++, from += p->gap_bytes) {
        words = edgeq_plane_pad(words, p->zero_point, row ? p->between_bytes : 0);
        for (int32_t i = 0; i < p->inside_more + 4; i++, from += p->step_bytes) {
            *words++ = *from;
        }
    }
    edgeq_plane_pad(words, p->zero_point, p->below_bytes);
}

#endif

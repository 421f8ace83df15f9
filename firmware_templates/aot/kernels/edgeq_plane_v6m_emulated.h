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

static inline void edgeq_plane_widen(const int8_t *from, int32_t step, int32_t count, int32_t *words)
{
    for (; count > 0; count--, from += step) {
        *words++ = *from;
    }
}

#endif

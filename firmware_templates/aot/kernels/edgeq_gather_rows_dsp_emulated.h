/* What the assembly of edgeq_gather_rows_dsp.h computes, in C. */
#ifndef EDGEQ_GATHER_ROWS_DSP_EMULATED_H
#define EDGEQ_GATHER_ROWS_DSP_EMULATED_H

#include "edgeq_gather_rows.h"
#include "edgeq_widen.h"

static inline void edgeq_gather_positions(const edgeq_gather_rows *p)
{
    for (int32_t i = 0; i < p->positions; i++) {
        const int8_t *from = p->from + i * p->step;
        uint32_t *words = p->words + i;
        int8_t *bytes = p->patch;
        for (int32_t row = 0; row < p->rows; row++, from += p->whole + p->rest + p->gap) {
            words = edgeq_widen_fours(from, p->whole, words, 4);
            for (int32_t k = 0; k < p->rest; k++) {
                *bytes++ = from[p->whole + k];
            }
        }
        edgeq_widen_fours(p->patch, p->left_over, words, 4);
    }
}

#endif

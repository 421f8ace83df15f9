/* What the assembly of edgeq_pair_rows_dsp.h computes, in C. */
#ifndef EDGEQ_PAIR_ROWS_DSP_EMULATED_H
#define EDGEQ_PAIR_ROWS_DSP_EMULATED_H

#include "edgeq_pair_rows.h"

static inline void edgeq_pair_rows(const edgeq_two_rows *p)
{
    for (int32_t column = 0; column < p->count; column++) {
        for (int32_t lane = 0; lane < 4; lane++) {
            const int32_t above = p->upper[column * p->upper_step + lane];
            const int32_t below = p->lower[column * p->lower_step + lane];
            p->words[4 * column + lane] = (uint32_t)(uint16_t)above | (uint32_t)below << 16;
        }
    }
}

#endif

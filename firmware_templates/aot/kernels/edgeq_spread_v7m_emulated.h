/* What the assembly of edgeq_spread_v7m.h computes, in C. */
#ifndef EDGEQ_SPREAD_V7M_EMULATED_H
#define EDGEQ_SPREAD_V7M_EMULATED_H

#include "edgeq_arith.h"
#include "edgeq_spread.h"

EDGEQ_INLINE void edgeq_spread_rows(const edgeq_spread *all)
{
    const int8_t *from = all->from;
    int8_t *to = all->to;
    for (int32_t row = 0; row < all->rows; row++, from += all->row_step, to += all->to_step) {
        for (int32_t i = 0; i < all->count; i++, from += all->step, to += 2) {
            *to = *from;
        }
    }
}

#endif

/* What the assembly of edgeq_sixes_v7m.h computes, in C. */
#ifndef EDGEQ_SIXES_V7M_EMULATED_H
#define EDGEQ_SIXES_V7M_EMULATED_H

#include "edgeq_arith.h"
#include "edgeq_sixes.h"
#include "edgeq_window_sum.h"

EDGEQ_INLINE void edgeq_sixes_run(const edgeq_sixes *all, int32_t stride, edgeq_form form)
{
    const int32_t columns = all->span / (2 * stride) + (all->over > 0 ? 6 - all->over : 0);
    for (int32_t row = 0; row < all->rows; row++) {
        const int16_t *const plane = all->plane + row * all->row_pitch / 2;
        int8_t *const output = all->output + row * all->row_bytes;
        for (int32_t column = 0; column < columns; column++) {
            output[column * all->step] =
                edgeq_requantize(edgeq_window_sum(all, plane + column * stride), all->entry, form);
        }
    }
}

#endif

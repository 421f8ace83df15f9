/* What the assembly of edgeq_pack_v7m.h computes, in C. */
#ifndef EDGEQ_PACK_V7M_EMULATED_H
#define EDGEQ_PACK_V7M_EMULATED_H

#include "edgeq_arith.h"
#include "edgeq_pack.h"

EDGEQ_INLINE void edgeq_pack_8(const edgeq_pack *all)
{
    uint32_t *to = all->words;
    for (int32_t row = 0; row < all->rows; row++) {
        for (int32_t i = row * (all->row_bytes + all->row_step); i < row * all->row_step + (row + 1) * all->row_bytes;
             i++, to += 4) {
            for (int pixel = 0; pixel < 4; pixel++) {
                to[pixel] = (uint32_t)(int32_t)all->from[pixel][i] + ((uint32_t)(int32_t)all->from[pixel + 4][i] << 16);
            }
        }
    }
}

#endif

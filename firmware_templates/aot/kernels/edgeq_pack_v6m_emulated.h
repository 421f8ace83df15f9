/* What the assembly of edgeq_pack_v6m.h computes, in C. */
#ifndef EDGEQ_PACK_V6M_EMULATED_H
#define EDGEQ_PACK_V6M_EMULATED_H

#include <stdint.h>

#include "edgeq_eights.h"

static inline void edgeq_pack_pixels(const edgeq_pixels *p)
{
    uint32_t *words = p->words;
    for (int32_t input = p->first; input < p->end; input++, words += EDGEQ_FIVE) {
        words[4] = 0;
        for (int i = 0; i < 4; i++) {
            const uint32_t high = (uint32_t)(int32_t)p->from[i + 4][input];
            words[i] = (uint32_t)(int32_t)p->from[i][input] + (high << 16);
            words[4] += high << (4 * i);
        }
        for (int i = 0; i < EDGEQ_FIVE; i++) {
            p->sums[i] += words[i];
        }
    }
}

#endif

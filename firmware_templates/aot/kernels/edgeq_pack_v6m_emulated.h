/* What the assembly of edgeq_pack_v6m.h computes, in C. */
#ifndef EDGEQ_PACK_V6M_EMULATED_H
#define EDGEQ_PACK_V6M_EMULATED_H

#include <stdint.h>

static inline void edgeq_pack(const int8_t *low, const int8_t *high, int32_t count, uint32_t *words)
{
    for (int32_t i = 0; i < count; i++, words += 4) {
        *words = (uint32_t)(int32_t)low[i] + ((uint32_t)(int32_t)high[i] << 16);
    }
}

#endif

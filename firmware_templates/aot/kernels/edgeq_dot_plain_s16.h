/* Sums of products of int16 values by int8 weights, for two channels, in C for any core. */
#ifndef EDGEQ_DOT_PLAIN_S16_H
#define EDGEQ_DOT_PLAIN_S16_H

#include <stdint.h>

#include "edgeq_dot_s16.h"

static inline void edgeq_sums_plain_s16(const int16_t *patch, const int8_t *first, const int8_t *second, int32_t depth,
                                        int64_t *sums)
{
    sums[0] = 0;
    sums[1] = 0;
    while (depth > 0) {
        const int32_t block = depth < EDGEQ_BLOCK_S16 ? depth : EDGEQ_BLOCK_S16;
        int32_t a = 0, b = 0;
        EDGEQ_ROLLED
        for (int32_t i = 0; i < block; i++) {
            const int32_t x = *patch++;
            a += x * *first++;
            b += x * *second++;
        }
        sums[0] += a;
        sums[1] += b;
        depth -= block;
    }
}

#endif

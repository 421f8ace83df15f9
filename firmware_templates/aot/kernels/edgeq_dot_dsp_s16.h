/* Sums of products of int16 values by int8 weights, two at once. */
#ifndef EDGEQ_DOT_DSP_S16_H
#define EDGEQ_DOT_DSP_S16_H

#include <stdint.h>

#include "edgeq_dsp.h"

/* So many fours of products, each at most 2^22, fit 32 bits. */
#define EDGEQ_BLOCK_DSP_S16 64

/* The depth is a multiple of 4; weights are in the order 0, 2, 1, 3. */
static inline void edgeq_sums_dsp_s16(const int16_t *patch, const int8_t *first, const int8_t *second, int32_t depth,
                                      int64_t *sums)
{
    int32_t fours = depth >> 2;
    sums[0] = 0;
    sums[1] = 0;
    while (fours > 0) {
        const int32_t block = fours < EDGEQ_BLOCK_DSP_S16 ? fours : EDGEQ_BLOCK_DSP_S16;
        uint32_t a = 0, b = 0;
        EDGEQ_ROLLED
        for (int32_t left = block; left > 0; left--) {
            const uint32_t x01 = edgeq_load_word(patch), x23 = edgeq_load_word(patch + 2);
            const uint32_t v = edgeq_load_word(first), w = edgeq_load_word(second);
            a = edgeq_smlad(x01, edgeq_widen_02(v), a);
            b = edgeq_smlad(x01, edgeq_widen_02(w), b);
            a = edgeq_smlad(x23, edgeq_widen_13(v), a);
            b = edgeq_smlad(x23, edgeq_widen_13(w), b);
            patch += 4;
            first += 4;
            second += 4;
        }
        sums[0] += (int32_t)a;
        sums[1] += (int32_t)b;
        fours -= block;
    }
}

#endif

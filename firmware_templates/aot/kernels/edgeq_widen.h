/* Bytes to pairs of halfwords, for cores with the DSP extension. */
#ifndef EDGEQ_WIDEN_H
#define EDGEQ_WIDEN_H

#include <stdint.h>

#include "edgeq_arith.h"
#include "edgeq_dsp.h"

/* Of each four bytes, 0 and 2 make a word, 1 and 3 the next, `step` words behind. Gives the place behind the last. */
EDGEQ_INLINE uint32_t *edgeq_widen_fours(const int8_t *bytes, int32_t count, uint32_t *words, int32_t step)
{
    const int8_t *const end = bytes + count;
    if (count & 4) {
        const uint32_t four = edgeq_load_word(bytes);
        words[0] = edgeq_widen_02(four);
        words[step] = edgeq_widen_13(four);
        bytes += 4;
        words += 2 * step;
    }
    EDGEQ_ROLLED
    while (bytes != end) {
        const uint32_t four = edgeq_load_word(bytes), next = edgeq_load_word(bytes + 4);
        words[0] = edgeq_widen_02(four);
        words[step] = edgeq_widen_13(four);
        words[2 * step] = edgeq_widen_02(next);
        words[3 * step] = edgeq_widen_13(next);
        bytes += 8;
        words += 4 * step;
    }
    return words;
}

/* The same for any count; what is missing to a multiple of four counts as zeros. */
EDGEQ_INLINE void edgeq_widen(const int8_t *bytes, int32_t count, uint32_t *words, int32_t step)
{
    words = edgeq_widen_fours(bytes, count & ~3, words, step);
    if (count & 3) {
        uint32_t four = 0;
        EDGEQ_ROLLED
        for (int32_t i = count - 1; i >= (count & ~3); i--) {
            four = (four << 8) | (uint8_t)bytes[i];
        }
        words[0] = edgeq_widen_02(four);
        words[step] = edgeq_widen_13(four);
    }
}

#endif

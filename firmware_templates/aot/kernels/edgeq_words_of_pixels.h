/* The sums of two pixels in a word, of one channel. */
#ifndef EDGEQ_WORDS_OF_PIXELS_H
#define EDGEQ_WORDS_OF_PIXELS_H

#include <stdint.h>

#include "edgeq_arith.h"
#include "edgeq_segments.h"

/* The low pixel's sum, with 0x8000 for each segment, and the high one's. */
typedef struct {
    uint32_t low, high;
} edgeq_word_sums;

/* A channel's sums of the words that lie `step` apart; where the next channel's weights are goes to `next`. */
EDGEQ_INLINE edgeq_word_sums edgeq_word_channel(const uint32_t *words, int32_t step, const int8_t *weights,
                                                const int8_t **next)
{
    edgeq_word_sums sums = {0, 0};
    int32_t head;
    do {
        head = *weights++;
        uint32_t sum = 0x8000;
        EDGEQ_ROLLED
        for (int32_t left = head % EDGEQ_SEGMENT_LAST; left >= 0; left--, words += step) {
            const int32_t weight = *weights++;
            sum += *words * (uint32_t)weight;
        }
        sums.low += sum;
        sums.high += (uint32_t)((int32_t)sum >> 16);
    } while (head < EDGEQ_SEGMENT_LAST);
    sums.low -= sums.high << 16;
    *next = weights;
    return sums;
}

#endif

/* What the assembly of edgeq_segments_v7m.h computes, in C. */
#ifndef EDGEQ_SEGMENTS_V7M_EMULATED_H
#define EDGEQ_SEGMENTS_V7M_EMULATED_H

#include "edgeq_arith.h"
#include "edgeq_segments.h"
#include "edgeq_words_of_pixels.h"

EDGEQ_INLINE void edgeq_segments_8(const edgeq_segments *all, edgeq_form form)
{
    const int8_t *weights = all->weights;
    const int32_t *bias = all->bias, *entry = all->requant;
    for (int8_t *output = all->output; output != all->end; output++, bias += 2, entry += EDGEQ_ENTRY(form)) {
        const int8_t *next = weights;
        for (int i = 0; i < 4; i++) {
            const edgeq_word_sums sums = edgeq_word_channel(all->words + i, 4, weights, &next);
            output[i * all->stride] = edgeq_requantize((sums.low << 8) + (uint32_t)bias[0], entry, form);
            output[(i + 4) * all->stride] = edgeq_requantize((sums.high << 8) + (uint32_t)bias[1], entry, form);
        }
        weights = next;
    }
}

#endif

/* What the assembly of edgeq_words_row_v6m.h computes, in C. */
#ifndef EDGEQ_WORDS_ROW_V6M_EMULATED_H
#define EDGEQ_WORDS_ROW_V6M_EMULATED_H

#include "edgeq_arith.h"
#include "edgeq_requantize_v6m.h"
#include "edgeq_words_row.h"

EDGEQ_INLINE void edgeq_words_row_of(const edgeq_words_row *p, edgeq_form form)
{
    const uint8_t *weights = p->weights;
    const int32_t *row = p->requant;
    for (int32_t channel = 0; channel < p->channels; channel++, row += p->requant_step / 4) {
        uint32_t sum = (uint32_t)p->bias[channel] + (uint32_t)p->shift;
        for (const int32_t *words = p->words; words != p->end; words++) {
            sum = edgeq_mac(sum, *words, *weights++);
        }
        p->output[channel] = edgeq_requantize_sum((int32_t)sum, row, form);
    }
}

#endif

/* What the assembly of edgeq_words_row_v6m.h computes, in C. */
#ifndef EDGEQ_WORDS_ROW_V6M_EMULATED_H
#define EDGEQ_WORDS_ROW_V6M_EMULATED_H

#include "edgeq_arith.h"
#include "edgeq_requantize_v6m.h"
#include "edgeq_words_row.h"

/* The sum of a span's inputs times four channels' weights, added to each channel's. */
EDGEQ_INLINE void edgeq_words_row_span(const int32_t *words, const int32_t *end, const uint32_t *weights, uint32_t *sums)
{
    uint32_t whole = 0, odd = 0, upper = 0;
    for (; words != end; words++, weights += 2) {
        const uint32_t x = (uint32_t)*words;
        whole += *weights * x;
        odd += ((*weights >> 8) & 0x00ff00ffu) * x;
        upper += (*weights >> 16) * x;
    }
    const uint32_t less = (uint32_t)*end << 7;
    const uint32_t even = whole - (odd << 8) - less - (less << 16);
    odd -= less + (less << 16);
    const int32_t low[] = {(int16_t)even, (int16_t)odd};
    const int32_t high[] = {(int32_t)(even - (uint32_t)low[0]) >> 16, (int32_t)(odd - (uint32_t)low[1]) >> 16};
    uint32_t digits = upper - less - (less << 8) - (uint32_t)high[0] - ((uint32_t)high[1] << 8);
    uint32_t digit[4];
    for (int i = 0; i < 4; i++) {
        digit[i] = (uint32_t)(int8_t)digits;
        digits = (uint32_t)((int32_t)(digits - digit[i]) >> 8);
    }
    for (int i = 0; i < 2; i++) {
        sums[i] += (uint32_t)low[i] - (digit[i] << 16);
        sums[i + 2] += (uint32_t)high[i] + digit[i] + (digit[i + 2] << 16);
    }
}

EDGEQ_INLINE void edgeq_words_row_of(const edgeq_words_row *p, edgeq_form form)
{
    const uint32_t *weights = p->weights;
    const int32_t *row = p->requant;
    for (int32_t channel = 0; channel < p->channels; channel += 8) {
        uint32_t sums[8];
        for (int i = 0; i < 8; i++) {
            sums[i] = (uint32_t)p->bias[channel + i];
        }
        for (const int32_t *words = p->words; words <= p->last;) {
            const int32_t *end = p->last - words < p->span_bytes / 4 ? p->last : words + p->span_bytes / 4;
            edgeq_words_row_span(words, end, weights, sums);
            edgeq_words_row_span(words, end, weights + 1, sums + 4);
            weights += 2 * (end - words);
            words = end + 1;
        }
        for (int i = 0; i < 8 && channel + i < p->channels; i++, row += p->requant_step / 4) {
            p->output[channel + i] = edgeq_requantize_sum((int32_t)sums[i], row, form);
        }
    }
}

#endif

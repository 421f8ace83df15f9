/* What the assembly of edgeq_eights_v6m.h computes, in C. */
#ifndef EDGEQ_EIGHTS_V6M_EMULATED_H
#define EDGEQ_EIGHTS_V6M_EMULATED_H

#include "edgeq_arith.h"
#include "edgeq_eights.h"
#include "edgeq_requantize_v6m.h"

/* Five sums of a span, taken apart and added to eight. */
EDGEQ_INLINE void edgeq_eights_apart(const uint32_t *words, uint32_t *sums)
{
    uint32_t digits = 0u - words[4];
    for (int i = 0; i < 4; i++) {
        digits += (uint32_t)((int32_t)words[i] >> 16) << (4 * i);
    }
    for (int i = 0; i < 4; i++, digits >>= 4) {
        const uint32_t two = (digits & 0x000f000fu) - 0x00080008u;
        sums[i] += (words[i] & 0xffffu) + (two << 16);
        sums[i + 4] += (uint32_t)((int32_t)words[i] >> 16) - two;
    }
}

EDGEQ_INLINE void edgeq_eights_of(const edgeq_eights *p, edgeq_form form)
{
    const uint8_t *weights = p->weights;
    const int32_t *row = p->requant;
    for (int32_t channel = 0; channel < p->channels; channel++, row += EDGEQ_ROW(form)) {
        uint32_t sums[8] = {0, 0, 0, 0, 0, 0, 0, 0};
        const int in_spans = ((uint32_t)*row >> 24) != 0;
        const uint32_t *begins = p->begins + (in_spans ? EDGEQ_FIVE : 0);
        for (const uint32_t *inputs = p->inputs; inputs != p->end;) {
            const int32_t left = (int32_t)(p->end - inputs), whole = p->span_bytes / 4;
            const uint32_t *const end = inputs + (in_spans && whole < left ? whole : left);
            uint32_t words[EDGEQ_FIVE];
            for (int i = 0; i < EDGEQ_FIVE; i++) {
                words[i] = *begins++;
            }
            for (; inputs != end; weights++) {
                for (int i = 0; i < EDGEQ_FIVE; i++) {
                    words[i] += *inputs++ * *weights;
                }
            }
            edgeq_eights_apart(words, sums);
        }
        for (int i = 0; i < 8; i++) {
            p->output[i * p->stride + channel] = edgeq_requantize_sum((int32_t)sums[i], row, form);
        }
    }
}

#endif

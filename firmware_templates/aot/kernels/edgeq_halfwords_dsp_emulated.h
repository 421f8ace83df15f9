/* What the assembly of edgeq_halfwords_dsp.h computes, in C. */
#ifndef EDGEQ_HALFWORDS_DSP_EMULATED_H
#define EDGEQ_HALFWORDS_DSP_EMULATED_H

#include "edgeq_arith.h"
#include "edgeq_dsp_emulated.h"
#include "edgeq_halfwords.h"
#include "edgeq_words.h"

EDGEQ_INLINE void edgeq_halfwords_of(const edgeq_halfwords *p, int32_t pixels)
{
    for (int32_t pair = 0; pair < p->pairs; pair++) {
        const int16_t *const start = p->stream + pair * (2 * p->depth + 12), *const entries = start + 4 + 2 * p->depth;
        for (int32_t i = 0; i < pixels; i++) {
            for (int32_t channel = 0; channel < 2; channel++) {
                uint32_t sum = edgeq_load_word(start + 2 * channel);
                for (int32_t k = 0; k < p->depth / 2; k++) {
                    sum = edgeq_smlad(edgeq_load_word(start + 4 + 4 * k + 2 * channel), p->inputs[k * pixels + i], sum);
                }
                const int32_t entry[] = {(int32_t)edgeq_load_word(entries + 4 * channel),
                                         (int32_t)edgeq_load_word(entries + 4 * channel + 2), EDGEQ_HALFWORDS_SHIFT, 0};
                p->output[i * p->stride + 2 * pair + channel] = edgeq_requantize(sum, entry, EDGEQ_SIGNED);
            }
        }
    }
}

EDGEQ_INLINE void edgeq_halfwords_4(const edgeq_halfwords *p) { edgeq_halfwords_of(p, 4); }
EDGEQ_INLINE void edgeq_halfwords_1(const edgeq_halfwords *p) { edgeq_halfwords_of(p, 1); }

#endif

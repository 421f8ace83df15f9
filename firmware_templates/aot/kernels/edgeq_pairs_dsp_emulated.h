/* What the assembly of edgeq_pairs_dsp.h computes, in C. */
#ifndef EDGEQ_PAIRS_DSP_EMULATED_H
#define EDGEQ_PAIRS_DSP_EMULATED_H

#include "edgeq_arith.h"
#include "edgeq_dsp_emulated.h"
#include "edgeq_pairs.h"

/* The output of `pixels` pixels, entries `step` elements apart. */
EDGEQ_INLINE void edgeq_pairs_of(const edgeq_pairs *p, int pixels, int32_t stride, int32_t step, edgeq_form form)
{
    const int16_t *weights = p->weights;
    for (int32_t pair = 0; pair < p->pairs; pair++) {
        for (int i = 0; i < pixels; i++) {
            uint32_t even = (uint32_t)p->bias[2 * pair], odd = (uint32_t)p->bias[2 * pair + 1];
            for (int32_t k = 0; k < p->depth / 2; k++) {
                const uint32_t both = edgeq_load_word(weights + 2 * k), input = p->inputs[k * pixels + i];
                even = edgeq_smlad(edgeq_widen_02(both), input, even);
                odd = edgeq_smlad(both, input, odd);
            }
            int8_t *const output = p->output + i * stride + 2 * pair;
            output[0] = edgeq_requantize(even << 8, p->requant + 2 * pair * step, form);
            output[1] = edgeq_requantize(odd - even, p->requant + (2 * pair + 1) * step, form);
        }
        weights += p->depth;
    }
}

EDGEQ_EMULATED edgeq_pairs_4_fast(const edgeq_pairs *p) { edgeq_pairs_of(p, 4, p->stride, EDGEQ_ENTRY(EDGEQ_FAST), EDGEQ_FAST); }
EDGEQ_EMULATED edgeq_pairs_1_fast(const edgeq_pairs *p) { edgeq_pairs_of(p, 1, 0, p->stride / 4, EDGEQ_FAST); }
EDGEQ_EMULATED edgeq_pairs_4_signed(const edgeq_pairs *p)
{
    edgeq_pairs_of(p, 4, p->stride, EDGEQ_ENTRY(EDGEQ_SIGNED), EDGEQ_SIGNED);
}
EDGEQ_EMULATED edgeq_pairs_1_signed(const edgeq_pairs *p) { edgeq_pairs_of(p, 1, 0, p->stride / 4, EDGEQ_SIGNED); }

#endif

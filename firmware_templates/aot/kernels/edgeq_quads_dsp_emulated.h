/* What the assembly of edgeq_quads_dsp.h computes, in C. */
#ifndef EDGEQ_QUADS_DSP_EMULATED_H
#define EDGEQ_QUADS_DSP_EMULATED_H

#include "edgeq_arith.h"
#include "edgeq_dsp_emulated.h"
#include "edgeq_quads.h"

EDGEQ_INLINE void edgeq_quads_of(const edgeq_quads *p, edgeq_form form)
{
    const int16_t *weights = p->weights;
    const int32_t *entry = p->requant;
    for (int32_t quad = 0; quad < p->quads; quad++, weights += 4 * (p->depth / 2)) {
        for (int32_t pair = 0; pair < 2; pair++) {
            uint32_t even = (uint32_t)p->bias[4 * quad + 2 * pair], odd = (uint32_t)p->bias[4 * quad + 2 * pair + 1];
            for (int32_t k = 0; k < p->depth / 2; k++) {
                const uint32_t both = edgeq_load_word(weights + k / 2 * 8 + pair * 4 + k % 2 * 2);
                even = edgeq_smlad(edgeq_widen_02(both), p->inputs[k], even);
                odd = edgeq_smlad(both, p->inputs[k], odd);
            }
            int8_t *const output = p->output + 4 * quad + 2 * pair;
            output[0] = edgeq_requantize(even << 8, entry, form);
            entry += p->stride / 4;
            output[1] = edgeq_requantize(odd - even, entry, form);
            entry += p->stride / 4;
        }
    }
}

#endif

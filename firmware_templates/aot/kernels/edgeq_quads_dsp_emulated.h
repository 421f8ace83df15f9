/* What the assembly of edgeq_quads_dsp.h computes, in C. */
#ifndef EDGEQ_QUADS_DSP_EMULATED_H
#define EDGEQ_QUADS_DSP_EMULATED_H

#include "edgeq_arith.h"
#include "edgeq_dsp_emulated.h"
#include "edgeq_quads.h"

/* Inputs 2k and 2k + 1 of halfwords; of every four bytes the first and the third, then the others. */
EDGEQ_INLINE uint32_t edgeq_quads_input(const edgeq_quads *p, int32_t k, int bytes)
{
    if (!bytes) {
        return p->inputs[k];
    }
    const uint32_t four = edgeq_load_word((const int8_t *)p->inputs + k / 2 * 4);
    return k % 2 ? edgeq_widen_13(four) : edgeq_widen_02(four);
}

EDGEQ_INLINE void edgeq_quads_sums(const edgeq_quads *p, int bytes, edgeq_form form)
{
    const int16_t *weights = p->weights;
    for (int32_t quad = 0; quad < p->quads; quad++, weights += 4 * (p->depth / 2)) {
        const int32_t *entry = p->requant + quad * p->stride / 4;
        for (int32_t pair = 0; pair < 2; pair++, entry += 2 * EDGEQ_ENTRY(form)) {
            uint32_t even = (uint32_t)p->bias[4 * quad + 2 * pair], odd = (uint32_t)p->bias[4 * quad + 2 * pair + 1];
            for (int32_t k = 0; k < p->depth / 2; k++) {
                const uint32_t both = edgeq_load_word(weights + k / 2 * 8 + pair * 4 + k % 2 * 2);
                const uint32_t input = edgeq_quads_input(p, k, bytes);
                even = edgeq_smlad(edgeq_widen_02(both), input, even);
                odd = edgeq_smlad(both, input, odd);
            }
            int8_t *const output = p->output + 4 * quad + 2 * pair;
            output[0] = edgeq_requantize(even << 8, entry, form);
            output[1] = edgeq_requantize(odd - even, entry + EDGEQ_ENTRY(form), form);
        }
    }
}

EDGEQ_INLINE void edgeq_quads_of(const edgeq_quads *p, edgeq_form form) { edgeq_quads_sums(p, 0, form); }

EDGEQ_INLINE void edgeq_quads_of_bytes(const edgeq_quads *p, edgeq_form form) { edgeq_quads_sums(p, 1, form); }

#endif

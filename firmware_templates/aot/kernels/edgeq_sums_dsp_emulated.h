/* What the assembly of edgeq_sums_dsp.h computes, in C. */
#ifndef EDGEQ_SUMS_DSP_EMULATED_H
#define EDGEQ_SUMS_DSP_EMULATED_H

#include "edgeq_arith.h"
#include "edgeq_dsp_emulated.h"
#include "edgeq_sums.h"

EDGEQ_EMULATED edgeq_sums_add(const edgeq_part *p)
{
    const int16_t *weights = p->weights;
    uint32_t *even = p->sums;
    for (int32_t pair = 0; pair < p->pairs; pair++, weights += p->depth, even += 8) {
        uint32_t *const both = even + 4;
        for (int32_t k = 0; k < p->depth / 2; k++) {
            const uint32_t weight = edgeq_load_word(weights + 2 * k);
            for (int i = 0; i < 4; i++) {
                const uint32_t input = p->inputs[4 * k + i];
                even[i] = edgeq_smlad(edgeq_widen_02(weight), input, even[i]);
                both[i] = edgeq_smlad(weight, input, both[i]);
            }
        }
    }
}

EDGEQ_INLINE void edgeq_sums_outputs(const edgeq_sums *p, edgeq_form form)
{
    const uint32_t *even = p->sums;
    for (int32_t pair = 0; pair < p->pairs; pair++, even += 8) {
        const int32_t *const entry = p->requant + 2 * pair * EDGEQ_ENTRY(form);
        for (int i = 0; i < 4; i++) {
            int8_t *const output = p->output + i * p->stride + 2 * pair;
            output[0] = edgeq_requantize(even[i] << 8, entry, form);
            output[1] = edgeq_requantize(even[4 + i] - even[i], entry + EDGEQ_ENTRY(form), form);
        }
    }
}

EDGEQ_EMULATED edgeq_sums_write_fast(const edgeq_sums *p) { edgeq_sums_outputs(p, EDGEQ_FAST); }
EDGEQ_EMULATED edgeq_sums_write_signed(const edgeq_sums *p) { edgeq_sums_outputs(p, EDGEQ_SIGNED); }

#endif

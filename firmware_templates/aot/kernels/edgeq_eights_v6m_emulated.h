/* What the assembly of edgeq_eights_v6m.h computes, in C. */
#ifndef EDGEQ_EIGHTS_V6M_EMULATED_H
#define EDGEQ_EIGHTS_V6M_EMULATED_H

#include "edgeq_arith.h"
#include "edgeq_eights.h"
#include "edgeq_requantize_v6m.h"

/* Inputs of the run that begins with a byte of steps, which is gone over. */
EDGEQ_INLINE int32_t edgeq_eights_run(const uint8_t **steps)
{
    int32_t count = 0;
    for (; **steps == 0; ++*steps) {
        count += EDGEQ_EIGHTS_MORE;
    }
    const int32_t left_out = (*(*steps)++ - 2) / 20;
    return count + EDGEQ_EIGHTS_MORE + 2 - left_out;
}

EDGEQ_INLINE void edgeq_eights_of(edgeq_eights *p, edgeq_form form)
{
    for (int32_t channel = 0; channel < p->channels; channel++, p->output++, p->requant += EDGEQ_ROW(form)) {
        uint32_t whole[4] = {0, 0, 0, 0}, high[4] = {0, 0, 0, 0};
        const int8_t *weights = p->weights + channel;
        for (const uint32_t *inputs = p->inputs; inputs != p->end;) {
            uint32_t sums[4] = {0, 0, 0, 0};
            for (int32_t run = edgeq_eights_run(&p->steps); run > 0; run--, inputs += 4, weights += 16) {
                for (int i = 0; i < 4; i++) {
                    sums[i] = edgeq_mac(sums[i], (int32_t)inputs[i], *weights);
                }
            }
            for (int i = 0; i < 4; i++) {
                whole[i] += sums[i];
                high[i] += (uint32_t)((int32_t)sums[i] >> 16) + (sums[i] >> 15 & 1u);
            }
        }
        for (int i = 0; i < 4; i++) {
            p->output[i * p->stride] = edgeq_requantize_sum((int32_t)(whole[i] - (high[i] << 16)), p->requant, form);
            p->output[(i + 4) * p->stride] = edgeq_requantize_sum((int32_t)high[i], p->requant, form);
        }
    }
}

#endif

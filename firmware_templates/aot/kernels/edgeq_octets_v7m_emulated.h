/* What the assembly of edgeq_octets_v7m.h computes, in C. */
#ifndef EDGEQ_OCTETS_V7M_EMULATED_H
#define EDGEQ_OCTETS_V7M_EMULATED_H

#include "edgeq_arith.h"
#include "edgeq_octets.h"
#include "edgeq_words.h"

EDGEQ_INLINE void edgeq_octets_run(const edgeq_octets *all, edgeq_form form)
{
    const uint8_t *weights = all->weights;
    const int32_t *bias = all->bias, *entry = all->requant;
    for (int8_t *output = all->output; output != all->output_end; output += 8, bias += 8) {
        uint32_t low[4] = {0, 0, 0, 0}, high[4] = {0, 0, 0, 0};
        for (const int8_t *input = all->inputs; input != all->end;) {
            const uint32_t end = edgeq_load_word(weights) >> 16;
            const uint32_t total = all->totals[end] - all->totals[input - all->inputs] + 0x8000u;
            uint32_t sums[4] = {total * 257u, total, total * 257u, total};
            for (weights += 4; input != all->inputs + end; input++, weights += 8) {
                for (int i = 0; i < 4; i++) {
                    const uint32_t word = edgeq_load_word(weights + i / 2 * 4);
                    const int32_t x = *input;
                    sums[i] += (i % 2 ? word >> 8 & 0xff00ffu : word) * (uint32_t)x;
                }
            }
            sums[0] -= sums[1] << 8;
            sums[2] -= sums[3] << 8;
            for (int i = 0; i < 4; i++) {
                low[i] += sums[i];
                high[i] += (uint32_t)((int32_t)sums[i] >> 16);
            }
        }
        for (int i = 0; i < 8; i++, entry += all->requant_step / 4) {
            const int of = i / 4 * 2 + i % 2;
            const uint32_t sum = i & 2 ? high[of] : low[of] - (high[of] << 16);
            output[i] = edgeq_requantize((sum << 8) + (uint32_t)bias[i], entry, form);
        }
    }
}

#endif

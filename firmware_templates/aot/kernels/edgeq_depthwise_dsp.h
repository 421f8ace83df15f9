/* The body of the depthwise kernels for any shape, for cores with the DSP extension. */
#ifndef EDGEQ_DEPTHWISE_DSP_H
#define EDGEQ_DEPTHWISE_DSP_H

#include <stdint.h>

#include "edgeq_arith.h"
#include "edgeq_depthwise.h"
#include "edgeq_dsp.h"
#include "edgeq_depthwise_params.h"

/* Four channels at once, from words; gives how many of them are done. */
static inline int32_t edgeq_depthwise_fours(const edgeq_depthwise_params *p, const int8_t *const *taps, int32_t count,
                                            int8_t *output, edgeq_form form)
{
    int32_t c = 0;
    for (; c + 4 <= p->input_channels; c += 4) {
        uint32_t sums[4];
        __builtin_memcpy(sums, p->bias + c, sizeof sums);
        const int8_t *weights = p->weights + c;
        EDGEQ_ROLLED
        for (int32_t tap = 0; tap < count; tap++, weights += p->input_channels) {
            const uint32_t x = edgeq_load_word(taps[tap] + c), w = edgeq_load_word(weights);
            const uint32_t x02 = edgeq_widen_02(x), w02 = edgeq_widen_02(w);
            const uint32_t x13 = edgeq_widen_13(x), w13 = edgeq_widen_13(w);
            sums[0] = edgeq_smlabb(x02, w02, sums[0]);
            sums[1] = edgeq_smlabb(x13, w13, sums[1]);
            sums[2] = edgeq_smlatt(x02, w02, sums[2]);
            sums[3] = edgeq_smlatt(x13, w13, sums[3]);
        }
        for (int i = 0; i < 4; i++) {
            output[c + i] = edgeq_depthwise_output(p, sums[i], p->requant + (c + i) * EDGEQ_ENTRY(form), form);
        }
    }
    return c;
}

EDGEQ_INLINE void edgeq_depthwise_dsp(const edgeq_depthwise_params *p, const int8_t *input, int8_t *output,
                                      void *scratch, edgeq_form form)
{
    const int32_t count = p->kernel_height * p->kernel_width;
    const int8_t **const taps = (const int8_t **)scratch;
    const int8_t *const outside = edgeq_depthwise_outside(p, taps, count);
    int8_t *const start = output;
    for (int32_t y = 0; y < p->output_height; y++) {
        for (int32_t x = 0; x < p->output_width; x++, output += p->input_channels * p->multiplier) {
            edgeq_depthwise_taps(p, input, y, x, outside, taps);
            const int32_t done = p->multiplier == 1 ? edgeq_depthwise_fours(p, taps, count, output, form) : 0;
            edgeq_depthwise_ones(p, taps, count, done, output, form);
        }
    }
    edgeq_depthwise_bound(p, start, form);
}

#endif

/* The body of the fully connected kernels for cores with the DSP extension. */
#ifndef EDGEQ_FULLY_CONNECTED_DSP_H
#define EDGEQ_FULLY_CONNECTED_DSP_H

#include <stdint.h>

#include "edgeq_arith.h"
#include "edgeq_dsp.h"
#include "edgeq_fully_connected_params.h"
#include "edgeq_pairs_dsp.h"
#include "edgeq_widen.h"

/* Bytes of scratch: a row as halfwords. */
static inline int32_t edgeq_fully_connected_dsp_scratch(const edgeq_fully_connected_params *p)
{
    return 2 * p->depth;
}

EDGEQ_INLINE void edgeq_rows_of_sums(const edgeq_fully_connected_params *p, const int8_t *input, int8_t *output,
                                     uint32_t *words, edgeq_form form)
{
    const int32_t pairs = p->output_channels / 2;
    for (int32_t row = 0; row < p->rows; row++) {
        edgeq_widen(input, p->input_depth, words, 1);
        const edgeq_pairs all = {words, p->weights, p->bias, p->requant, output, 4 * p->requant_stride,
                                 p->depth, pairs};
        if (pairs > 0) {
            edgeq_pairs_1(&all, form);
        }
        if (p->output_channels & 1) {
            const int16_t *const weights = p->weights + pairs * p->depth;
            uint32_t sum = (uint32_t)p->bias[2 * pairs];
            for (int32_t k = 0; k < p->depth / 2; k++) {
                sum = edgeq_smlad(edgeq_widen_02(edgeq_load_word(weights + 2 * k)), words[k], sum);
            }
            output[2 * pairs] = edgeq_requantize(sum << 8, p->requant + 2 * pairs * p->requant_stride, form);
        }
        input += p->input_depth;
        output += p->output_channels;
    }
}

EDGEQ_INLINE void edgeq_fully_connected_dsp(const edgeq_fully_connected_params *p, const int8_t *input,
                                            int8_t *output, void *scratch, edgeq_form form)
{
    edgeq_rows_of_sums(p, input, output, (uint32_t *)scratch, form);
    edgeq_bound(output, p->rows * p->output_channels, p->output_min, p->output_max);
}

#endif

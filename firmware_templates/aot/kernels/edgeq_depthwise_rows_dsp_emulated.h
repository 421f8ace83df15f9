/* What the assembly of edgeq_depthwise_rows_dsp.h computes, in C. */
#ifndef EDGEQ_DEPTHWISE_ROWS_DSP_EMULATED_H
#define EDGEQ_DEPTHWISE_ROWS_DSP_EMULATED_H

#include "edgeq_arith.h"
#include "edgeq_depthwise_rows.h"
#include "edgeq_dsp_emulated.h"

EDGEQ_INLINE void edgeq_depthwise_row_of_one(const edgeq_rows *p, int32_t y, int32_t stride, edgeq_form form)
{
    const int32_t pitch = p->pair_bytes / 4;
    for (int32_t x = 0; x < p->columns; x++) {
        uint32_t sum = (uint32_t)*p->bias;
        for (int32_t column = 0; column < 3; column++) {
            const uint32_t *const word = p->words + (stride == 1 ? y / 2 : y) * pitch +
                                         (x * stride + column) * EDGEQ_LANES;
            const uint32_t weights = edgeq_load_word(p->weights + 4 * column);
            const uint32_t w01 = edgeq_widen_02(weights), w12 = edgeq_widen_13(weights);
            if (stride == 1 && y % 2 == 1) {
                sum = edgeq_smlad(w12, word[pitch], edgeq_smlabt(w01, word[0], sum));
            } else {
                sum = edgeq_smlatb(w12, word[pitch], edgeq_smlad(w01, word[0], sum));
            }
        }
        p->output[y * p->row_bytes + x * p->step] = edgeq_requantize(sum << 8, p->entry, form);
    }
}

EDGEQ_INLINE void edgeq_depthwise_rows(const edgeq_rows *p, int32_t stride, edgeq_form form)
{
    edgeq_rows one = *p;
    for (; one.channels > 0; one.channels--) {
        for (int32_t y = 0; y < p->rows; y++) {
            edgeq_depthwise_row_of_one(&one, y, stride, form);
        }
        one.words += p->lane_bytes / 4;
        one.weights += 12;
        one.bias++;
        one.entry += EDGEQ_ENTRY(form);
        one.output++;
    }
}

#endif

#include "edgeq_conv_winograd_dsp.h"

#include "edgeq_arith.h"
#include "edgeq_dsp.h"
#include "edgeq_winograd_inputs_dsp.h"
#include "edgeq_winograd_products_dsp.h"

/* Three weights to six positions along one side, in pairs of halfwords. */
EDGEQ_INLINE void edgeq_winograd_filter_side(const uint32_t *from, uint32_t *to, int32_t step)
{
    const uint32_t w0 = from[0], w1 = from[1], w2 = from[2];
    const uint32_t ends = edgeq_add_pairs(w0, w2), twice = edgeq_add_pairs(w2, w2), middle = edgeq_add_pairs(w1, w1);
    const uint32_t four = edgeq_add_pairs(edgeq_add_pairs(twice, twice), w0);
    to[0] = w0;
    to[step] = edgeq_add_pairs(ends, w1);
    to[2 * step] = edgeq_subtract_pairs(ends, w1);
    to[3 * step] = edgeq_add_pairs(four, middle);
    to[4 * step] = edgeq_subtract_pairs(four, middle);
    to[5 * step] = w2;
}

/* One channel's filter, transformed, to words[channels / 2][position] of every second word. */
EDGEQ_OUTLINED void edgeq_winograd_filter(const int8_t *weights, int32_t channels, uint32_t *words)
{
    for (int32_t channel = 0; channel < channels; channel += 4, weights += 36) {
        for (int half = 0; half < 2; half++, words += 2 * EDGEQ_WINOGRAD_POSITIONS) {
            uint32_t taps[3][3], columns[3][EDGEQ_WINOGRAD_SIDE];
            EDGEQ_UNROLLED
            for (int i = 0; i < 9; i++) {
                const uint32_t four = edgeq_load_word(weights + 4 * i);
                taps[i % 3][i / 3] = half ? edgeq_widen_13(four) : edgeq_widen_02(four);
            }
            EDGEQ_UNROLLED
            for (int i = 0; i < 3; i++) {
                edgeq_winograd_filter_side(taps[i], columns[i], 1);
            }
            EDGEQ_UNROLLED
            for (int row = 0; row < EDGEQ_WINOGRAD_SIDE; row++) {
                const uint32_t three[3] = {columns[0][row], columns[1][row], columns[2][row]};
                edgeq_winograd_filter_side(three, words + row * 2 * EDGEQ_WINOGRAD_SIDE, 2);
            }
        }
    }
}

#include "edgeq_conv_winograd.h"

void edgeq_conv_winograd_dsp(const edgeq_winograd_params *p, const int8_t *input, int8_t *output, void *scratch,
                             const edgeq_winograd_form *form)
{
    edgeq_conv_winograd(p, input, output, scratch, form);
}

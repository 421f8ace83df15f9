#include "edgeq_conv_winograd_v7m.h"

#include "edgeq_arith.h"
#include "edgeq_winograd_inputs_v7m.h"
#include "edgeq_winograd_products_v7m.h"
#include "edgeq_words.h"

/* Three weights to six positions along one side, two of them as one number. */
EDGEQ_INLINE void edgeq_winograd_filter_side(uint32_t w0, uint32_t w1, uint32_t w2, uint32_t *to)
{
    const uint32_t ends = w0 + w2, four = w0 + (w2 << 2);
    to[0] = w0;
    to[1] = ends + w1;
    to[2] = ends - w1;
    to[3] = four + (w1 << 1);
    to[4] = four - (w1 << 1);
    to[5] = w2;
}

/* One channel's filter, transformed, to words[channels / 2][position] of every second word. */
EDGEQ_OUTLINED void edgeq_winograd_filter(const int8_t *weights, int32_t channels, uint32_t *words)
{
    for (int32_t channel = 0; channel < channels; channel += 4, weights += 36) {
        for (int half = 0; half < 2; half++, words += 2 * EDGEQ_WINOGRAD_POSITIONS) {
            uint32_t columns[3][EDGEQ_WINOGRAD_SIDE];
            EDGEQ_UNROLLED
            for (int column = 0; column < 3; column++) {
                uint32_t taps[3];
                EDGEQ_UNROLLED
                for (int row = 0; row < 3; row++) {
                    const uint32_t four = edgeq_load_word(weights + 4 * (3 * row + column)) ^ 0x80808080u;
                    taps[row] = ((half ? four >> 8 : four) & 0x00ff00ffu) - 0x00800080u;
                }
                edgeq_winograd_filter_side(taps[0], taps[1], taps[2], columns[column]);
            }
            EDGEQ_UNROLLED
            for (int row = 0; row < EDGEQ_WINOGRAD_SIDE; row++) {
                uint32_t done[EDGEQ_WINOGRAD_SIDE];
                edgeq_winograd_filter_side(columns[0][row], columns[1][row], columns[2][row], done);
                EDGEQ_UNROLLED
                for (int i = 0; i < EDGEQ_WINOGRAD_SIDE; i++) { /* the low halfword has borrowed from the high one */
                    words[2 * (EDGEQ_WINOGRAD_SIDE * row + i)] = done[i] + ((done[i] & 0x8000u) << 1);
                }
            }
        }
    }
}

#include "edgeq_conv_winograd.h"

void edgeq_conv_winograd_v7m(const edgeq_winograd_params *p, const int8_t *input, int8_t *output, void *scratch,
                             const edgeq_winograd_form *form)
{
    edgeq_conv_winograd(p, input, output, scratch, form);
}

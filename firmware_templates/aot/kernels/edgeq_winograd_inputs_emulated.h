/* What the assembly of edgeq_winograd_inputs.h computes, in C. */
#ifndef EDGEQ_WINOGRAD_INPUTS_EMULATED_H
#define EDGEQ_WINOGRAD_INPUTS_EMULATED_H

#include "edgeq_arith.h"
#include "edgeq_words.h"

/* Six inputs to six positions, `step` apart, along one side of a tile. */
EDGEQ_INLINE void edgeq_winograd_input_side(const uint32_t *from, int32_t from_step, uint32_t *to, int32_t step)
{
    const uint32_t d0 = from[0], d1 = from[from_step], d2 = from[2 * from_step];
    const uint32_t d3 = from[3 * from_step], d4 = from[4 * from_step], d5 = from[5 * from_step];
    const uint32_t a = (d2 << 2) - d4, b = (d1 << 2) - d3, c = d4 - d2, e = d3 - d1;
    to[0] = (d0 << 2) - d2 - a;
    to[step] = a + b;
    to[2 * step] = a - b;
    to[3 * step] = c + (e << 1);
    to[4 * step] = c - (e << 1);
    to[5 * step] = d5 - d3 - (e << 2);
}

/* Of a pair that was computed as one number, the halfwords: the low one has borrowed from the high one. */
EDGEQ_INLINE uint32_t edgeq_winograd_settle(uint32_t pair) { return pair + ((pair & 0x8000u) << 1); }

EDGEQ_INLINE void edgeq_winograd_positions(const int8_t *from, int32_t row_bytes, int32_t step, uint32_t *words)
{
    for (int half = 0; half < 2; half++) {
        uint32_t sides[36];
        for (int row = 0; row < 6; row++) {
            uint32_t inputs[6];
            for (int i = 0; i < 6; i++) { /* as numbers from 0 to 255 */
                const uint32_t four = edgeq_load_word(from + row * row_bytes + i * step) ^ 0x80808080u;
                inputs[i] = (half ? four >> 8 : four) & 0x00ff00ffu;
            }
            edgeq_winograd_input_side(inputs, 1, sides + 6 * row, 1);
        }
        for (int column = 0; column < 6; column++) {
            uint32_t done[6];
            edgeq_winograd_input_side(sides + column, 6, done, 1);
            for (int row = 0; row < 6; row++) {
                words[4 * (36 * half + 6 * row + column)] = edgeq_winograd_settle(done[row]);
            }
        }
    }
}

#endif

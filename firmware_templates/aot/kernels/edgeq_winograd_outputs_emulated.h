/* What the assembly of edgeq_winograd_outputs.h computes, in C. */
#ifndef EDGEQ_WINOGRAD_OUTPUTS_EMULATED_H
#define EDGEQ_WINOGRAD_OUTPUTS_EMULATED_H

#include "edgeq_arith.h"

/* Six sums to four outputs along one side: 24, 12, 6 and 6 times what they are. */
EDGEQ_INLINE void edgeq_winograd_output_side(const uint32_t *from, int32_t from_step, uint32_t *to, int32_t step)
{
    const uint32_t m0 = from[0], m1 = from[from_step], m2 = from[2 * from_step];
    const uint32_t m3 = from[3 * from_step], m4 = from[4 * from_step], m5 = from[5 * from_step];
    const uint32_t sum = m1 + m2, difference = m1 - m2, outer = m3 + m4, slope = m3 - m4;
    to[0] = outer + ((3 * m0 + (sum << 1)) << 1);
    to[step] = slope + (difference << 1);
    to[2 * step] = sum + outer;
    to[3 * step] = difference + ((3 * m5 + slope) << 1);
}

EDGEQ_INLINE void edgeq_winograd_outputs_of(const edgeq_winograd_tile *tile, edgeq_form form)
{
    uint32_t sides[4][6];
    for (int column = 0; column < 6; column++) {
        edgeq_winograd_output_side(tile->sums + 8 * column, 48, sides[0] + column, 6);
    }
    uint32_t scale = 4 * 0x38e38e39u;
    for (int row = 0; row < 4; row++) {
        uint32_t outputs[4];
        edgeq_winograd_output_side(sides[row], 1, outputs, 1);
        for (int column = 0; column < 4; column++) {
            const uint32_t scaled = outputs[column] * (scale << (column < 2 ? column : 2)) + tile->bias;
            tile->output[row * tile->row_bytes + column * tile->pixel_bytes] =
                edgeq_requantize(scaled, tile->entry, form);
        }
        scale <<= row < 2;
    }
}

EDGEQ_EMULATED edgeq_winograd_outputs_fast(const edgeq_winograd_tile *tile) { edgeq_winograd_outputs_of(tile, EDGEQ_FAST); }
EDGEQ_EMULATED edgeq_winograd_outputs_signed(const edgeq_winograd_tile *tile)
{
    edgeq_winograd_outputs_of(tile, EDGEQ_SIGNED);
}

#endif

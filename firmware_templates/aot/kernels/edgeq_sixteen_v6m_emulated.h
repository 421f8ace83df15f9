/* What the assembly of edgeq_sixteen_v6m.h computes, in C. */
#ifndef EDGEQ_SIXTEEN_V6M_EMULATED_H
#define EDGEQ_SIXTEEN_V6M_EMULATED_H

#include "edgeq_arith.h"
#include "edgeq_requantize_v6m.h"
#include "edgeq_sixteen.h"

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

EDGEQ_INLINE void edgeq_sixteen_by(const edgeq_sixteen *p, edgeq_form form)
{
    int8_t *output = p->output;
    uint32_t sides[4][6];
    for (int column = 0; column < 6; column++) {
        edgeq_winograd_output_side(p->sums + 4 * column, 24, sides[0] + column, 6);
    }
    for (int y = 0; y < 4; y++, output += p->gap_bytes) {
        const int down = y < 2 ? 4 - y : 2;
        uint32_t four[4];
        edgeq_winograd_output_side(sides[y], 1, four, 1);
        for (int x = 0; x < 4; x++, output += p->pixel_bytes) {
            const int32_t sum = ((int32_t)(four[x] * 0x38e38e39u) >> (down + (x < 2 ? 2 - x : 0))) + p->bias;
            *output = edgeq_requantize_sum(sum, p->requant, form);
        }
    }
}

EDGEQ_EMULATED edgeq_sixteen_fast(const edgeq_sixteen *p) { edgeq_sixteen_by(p, EDGEQ_FAST); }
EDGEQ_EMULATED edgeq_sixteen_signed(const edgeq_sixteen *p) { edgeq_sixteen_by(p, EDGEQ_SIGNED); }

#endif

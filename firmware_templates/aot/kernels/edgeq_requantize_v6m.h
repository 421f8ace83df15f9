/* Requantization where a product of two words is one word: edgeq/backends/aot/ops/requantize_v6m.py says why it is exact. */
#ifndef EDGEQ_REQUANTIZE_V6M_H
#define EDGEQ_REQUANTIZE_V6M_H

#include <stdint.h>

#include "edgeq_arith.h"

/* Words of a row: shift, 256 * split and 65536 * the lowest output (which first gives), multiplier, addend, first, last; in the signed form turn and correction. */
#define EDGEQ_ROW(form) ((form) == EDGEQ_SIGNED ? 7 : 5)

EDGEQ_INLINE int8_t edgeq_requantize_sum(int32_t sum, const int32_t *row, edgeq_form form)
{
    const int32_t shift = row[0] & 0xff, split = (row[0] >> 8) & 0xff, part = (1 << split) - 1;
    const int32_t x = sum < row[3] ? row[3] : sum > row[4] ? row[4] : sum;
    int32_t high = row[1] >> split, rest = (x * (row[1] & part)) >> split;
    if (form == EDGEQ_SIGNED) {
        rest = (x * (high & part) + rest) >> split;
        high >>= split;
    }
    int32_t y = (int32_t)((uint32_t)x * (uint32_t)high + (uint32_t)rest + (uint32_t)row[2]);
    if (form == EDGEQ_SIGNED && y < row[5]) {
        y += row[6];
    }
    return (int8_t)(y >> shift);
}

#endif

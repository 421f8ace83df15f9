/* Sums of products of bytes, for cores with the DSP extension: four bytes at once. */
#ifndef EDGEQ_DOT_DSP_H
#define EDGEQ_DOT_DSP_H

#include <stdint.h>

#include "edgeq_arith.h"
#include "edgeq_dsp.h"

EDGEQ_INLINE uint32_t edgeq_dot_word(uint32_t even, uint32_t odd, const int8_t *row, uint32_t sum)
{
    const uint32_t four = edgeq_load_word(row);
    return edgeq_smlad(edgeq_widen_13(four), odd, edgeq_smlad(edgeq_widen_02(four), even, sum));
}

/* Adds a row x of bytes times each of four rows of bytes, one behind the other. */
EDGEQ_INLINE void edgeq_dot_4(const int8_t *x, const int8_t *rows, int32_t depth, uint32_t *sums)
{
    uint32_t a = sums[0], b = sums[1], c = sums[2], d = sums[3];
    int32_t k = depth;
    EDGEQ_ROLLED
    for (; k >= 4; k -= 4, x += 4, rows += 4) {
        const uint32_t four = edgeq_load_word(x);
        const uint32_t even = edgeq_widen_02(four), odd = edgeq_widen_13(four);
        a = edgeq_dot_word(even, odd, rows, a);
        b = edgeq_dot_word(even, odd, rows + depth, b);
        c = edgeq_dot_word(even, odd, rows + 2 * depth, c);
        d = edgeq_dot_word(even, odd, rows + 3 * depth, d);
    }
    EDGEQ_ROLLED
    for (; k > 0; k--, x++, rows++) {
        a = edgeq_mac(a, rows[0], *x);
        b = edgeq_mac(b, rows[depth], *x);
        c = edgeq_mac(c, rows[2 * depth], *x);
        d = edgeq_mac(d, rows[3 * depth], *x);
    }
    sums[0] = a;
    sums[1] = b;
    sums[2] = c;
    sums[3] = d;
}

/* Adds a row x of bytes times another. */
EDGEQ_INLINE uint32_t edgeq_dot(const int8_t *x, const int8_t *row, int32_t depth, uint32_t sum)
{
    EDGEQ_ROLLED
    for (; depth >= 4; depth -= 4, x += 4, row += 4) {
        const uint32_t four = edgeq_load_word(x);
        sum = edgeq_dot_word(edgeq_widen_02(four), edgeq_widen_13(four), row, sum);
    }
    EDGEQ_ROLLED
    for (; depth > 0; depth--) {
        sum = edgeq_mac(sum, *row++, *x++);
    }
    return sum;
}

#endif

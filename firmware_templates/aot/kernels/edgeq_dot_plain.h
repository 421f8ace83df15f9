/* Sums of products of bytes, in C for any core. */
#ifndef EDGEQ_DOT_PLAIN_H
#define EDGEQ_DOT_PLAIN_H

#include <stdint.h>

#include "edgeq_arith.h"

/* Adds a row x of bytes times each of four rows of bytes, one behind the other. */
EDGEQ_INLINE void edgeq_dot_4(const int8_t *x, const int8_t *rows, int32_t depth, uint32_t *sums)
{
    for (int32_t row = 0; row < 4; row++) {
        uint32_t sum = sums[row];
        EDGEQ_ROLLED
        for (int32_t k = 0; k < depth; k++) {
            sum = edgeq_mac(sum, *rows++, x[k]);
        }
        sums[row] = sum;
    }
}

/* Adds a row x of bytes times another. */
EDGEQ_INLINE uint32_t edgeq_dot(const int8_t *x, const int8_t *row, int32_t depth, uint32_t sum)
{
    EDGEQ_ROLLED
    for (int32_t k = 0; k < depth; k++) {
        sum = edgeq_mac(sum, row[k], x[k]);
    }
    return sum;
}

#endif

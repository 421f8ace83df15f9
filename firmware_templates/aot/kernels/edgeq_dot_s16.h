/* Sums of products of int16 values by int8 weights, in C for any core. */
#ifndef EDGEQ_DOT_S16_H
#define EDGEQ_DOT_S16_H

#include <stdint.h>

#include "edgeq_arith.h"

/* A product is at most 2^22: so many of them fit 32 bits, whatever they are. */
#define EDGEQ_BLOCK_S16 256

static inline int64_t edgeq_dot_s16(const int16_t *values, const int8_t *weights, int32_t count)
{
    int64_t sum = 0;
    while (count > 0) {
        const int32_t block = count < EDGEQ_BLOCK_S16 ? count : EDGEQ_BLOCK_S16;
        int32_t part = 0;
        EDGEQ_ROLLED
        for (int32_t i = 0; i < block; i++) {
            part += values[i] * weights[i];
        }
        sum += part;
        values += block;
        weights += block;
        count -= block;
    }
    return sum;
}

#endif

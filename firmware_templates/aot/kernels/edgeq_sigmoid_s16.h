/* What LOGISTIC and TANH of int16 share: a table of the logistic function, straight lines in between. */
#ifndef EDGEQ_SIGMOID_S16_H
#define EDGEQ_SIGMOID_S16_H

#include <stdint.h>

#include "edgeq_arith.h"

/* x * multiplier, rounded and shifted to the right, counts 2^-12 / 3: the table has every 512th (of TANH every 256th). */
typedef struct {
    const uint16_t *table; /* [256], the logistic function of 0, 1/24, … in 16 bits */
    int32_t count;
    int32_t multiplier, shift;
} edgeq_sigmoid_params;

/* The function of |x|, with `bits` more than the table's 16; `beyond` the table. */
EDGEQ_INLINE uint32_t edgeq_sigmoid_s16(const uint16_t *table, int32_t x, int32_t bits, uint32_t beyond)
{
    const uint32_t size = x < 0 ? 0u - (uint32_t)x : (uint32_t)x;
    const uint32_t at = size >> bits;
    if (at >= 255u) {
        return beyond;
    }
    const uint32_t here = table[at], next = table[at + 1u];
    return (here << bits) + (size & ((1u << bits) - 1u)) * (next - here);
}

static inline int32_t edgeq_sigmoid_input_s16(const edgeq_sigmoid_params *p, int32_t x)
{
    const int32_t half = p->shift > 0 ? (int32_t)(1u << (p->shift - 1)) : 0;
    return (int32_t)((uint32_t)x * (uint32_t)p->multiplier + (uint32_t)half) >> p->shift;
}

#endif

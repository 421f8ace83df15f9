/* A number of up to 32 bits to another scale and zero point. */
#ifndef EDGEQ_REQUANTIZING_H
#define EDGEQ_REQUANTIZING_H

#include "edgeq_arith.h"
#include "edgeq_fixed_point.h"

typedef struct {
    int32_t count;
    int32_t input_zero_point, multiplier, shift; /* to the left */
    int32_t output_zero_point;
} edgeq_requantize_params;

/* Beyond 32 bits it wraps around, as the reference's sums do. */
EDGEQ_INLINE int32_t edgeq_requantized(const edgeq_requantize_params *p, int32_t x)
{
    const int32_t offset = (int32_t)((uint32_t)x - (uint32_t)p->input_zero_point);
    const int32_t y = edgeq_multiply(offset, p->multiplier, p->shift);
    return (int32_t)((uint32_t)y + (uint32_t)p->output_zero_point);
}

#endif

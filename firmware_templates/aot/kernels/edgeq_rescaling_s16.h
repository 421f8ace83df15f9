/* A number to another scale, by its sign: RELU and its relatives, LEAKY_RELU, ABS, QUANTIZE. */
#ifndef EDGEQ_RESCALING_S16_H
#define EDGEQ_RESCALING_S16_H

#include "edgeq_arith.h"
#include "edgeq_fixed_point.h"

/* Shifts are to the left. Below 0 the input is multiplied by the factor before, and by the sign behind: 1 or -1. */
typedef struct {
    int32_t count;
    int32_t multiplier, shift;
    int32_t below_multiplier, below_shift, below_factor, below_sign;
    int32_t output_zero_point, low, high;
} edgeq_rescale_params;

EDGEQ_INLINE int32_t edgeq_rescaled(const edgeq_rescale_params *p, int32_t x)
{
    const int32_t y = x >= 0 ? edgeq_multiply(x, p->multiplier, p->shift)
                             : p->below_sign * edgeq_multiply(p->below_factor * x, p->below_multiplier, p->below_shift);
    return edgeq_clamp(y + p->output_zero_point, p->low, p->high);
}

#endif

/* The sum of one output of a depthwise 3x3 convolution, in C. */
#ifndef EDGEQ_WINDOW_SUM_H
#define EDGEQ_WINDOW_SUM_H

#include <stdint.h>

#include "edgeq_arith.h"
#include "edgeq_sixes.h"

/* 256 times the accumulator at a place of the plane. */
EDGEQ_INLINE uint32_t edgeq_window_sum(const edgeq_sixes *all, const int16_t *plane)
{
    const int32_t pitch = all->pitch / 2;
    const int32_t *weights = all->weights;
    uint32_t sum = (uint32_t)all->bias;
    for (int ky = 0; ky < 3; ky++, plane += pitch, weights += 3) {
        for (int kx = 0; kx < 3; kx++) {
            sum = edgeq_mac(sum, weights[kx], plane[kx]);
        }
    }
    return sum;
}

#endif

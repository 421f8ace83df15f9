/* What the kernels of MAX_POOL_2D share. */
#ifndef EDGEQ_MAX_POOL_H
#define EDGEQ_MAX_POOL_H

#include "edgeq_fixed_point.h"
#include "edgeq_pool_window.h"

EDGEQ_INLINE int32_t edgeq_largest_one(const edgeq_pool_window *window, const int8_t *first)
{
    int32_t largest = -128;
    int32_t rows = window->rows;
    EDGEQ_ROLLED do {
        const int8_t *x = first;
        int32_t columns = window->columns;
        EDGEQ_ROLLED do {
            largest = *x > largest ? *x : largest;
            x += window->channels;
        } while (--columns > 0);
        first += window->row;
    } while (--rows > 0);
    return largest;
}

/* A pixel's channels from `channel` on, one by one; then the bounds of them all. */
EDGEQ_INLINE void edgeq_max_pool_ones(const edgeq_pool_params *p, const edgeq_pool_window *window, int32_t channel,
                                      int8_t *output)
{
    for (; channel < window->channels; channel++) {
        output[channel] = (int8_t)edgeq_largest_one(window, window->first + channel);
    }
    if (p->low > -128 || p->high < 127) {
        for (channel = 0; channel < window->channels; channel++) {
            output[channel] = (int8_t)edgeq_clamp(output[channel], p->low, p->high);
        }
    }
}

#endif

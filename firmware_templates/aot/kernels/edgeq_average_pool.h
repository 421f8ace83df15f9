/* What the kernels of AVERAGE_POOL_2D share. */
#ifndef EDGEQ_AVERAGE_POOL_H
#define EDGEQ_AVERAGE_POOL_H

#include "edgeq_fixed_point.h"
#include "edgeq_pool_window.h"

/* The mean of `count` values by their sum, ties away from where the reference has its zero. */
EDGEQ_INLINE int8_t edgeq_rounded_mean(const edgeq_pool_params *p, int32_t sum, int32_t count)
{
    const int32_t half = count >> 1;
    sum += p->offset * count;
    const int32_t rounded = (sum > 0 ? sum + half : sum - half) / count;
    return (int8_t)edgeq_clamp(rounded - p->offset, p->low, p->high);
}

EDGEQ_INLINE int32_t edgeq_sum_of_one(const edgeq_pool_window *window, const int8_t *first)
{
    int32_t sum = 0;
    int32_t rows = window->rows;
    EDGEQ_ROLLED do {
        const int8_t *x = first;
        int32_t columns = window->columns;
        EDGEQ_ROLLED do {
            sum += *x;
            x += window->channels;
        } while (--columns > 0);
        first += window->row;
    } while (--rows > 0);
    return sum;
}

/* A pixel's channels from `channel` on, one by one. */
EDGEQ_INLINE void edgeq_average_pool_ones(const edgeq_pool_params *p, const edgeq_pool_window *window, int32_t channel,
                                          int8_t *output)
{
    const int32_t count = window->rows * window->columns;
    for (; channel < window->channels; channel++) {
        output[channel] = edgeq_rounded_mean(p, edgeq_sum_of_one(window, window->first + channel), count);
    }
}

#endif

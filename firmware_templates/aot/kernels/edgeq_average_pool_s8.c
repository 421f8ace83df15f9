/* interface */
#include "edgeq_pool_window.h"

void edgeq_average_pool_s8(const edgeq_pool_params *p, const int8_t *input, int8_t *output);

/* implementation */
#include "edgeq_fixed_point.h"
#include "edgeq_lanes.h"

/* The mean of `count` values by their sum, ties away from zero. */
EDGEQ_INLINE int8_t mean(const edgeq_pool_params *p, int32_t sum, int32_t count)
{
    const int32_t half = count >> 1;
    const int32_t rounded = (sum > 0 ? sum + half : sum - half) / count;
    return (int8_t)edgeq_clamp(rounded, p->low, p->high);
}

#if EDGEQ_DSP
/* Four channels at once. */
EDGEQ_INLINE edgeq_lanes sum_of_four(const edgeq_pool_window *window, const int8_t *first)
{
    edgeq_lanes sums = {0, 0};
    int32_t rows = window->rows;
    EDGEQ_ROLLED do {
        const int8_t *x = first;
        int32_t columns = window->columns;
        EDGEQ_ROLLED do {
            edgeq_lanes_add(&sums, x);
            x += window->channels;
        } while (--columns > 0);
        first += window->row;
    } while (--rows > 0);
    return sums;
}
#endif

EDGEQ_INLINE int32_t sum_of_one(const edgeq_pool_window *window, const int8_t *first)
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

static __attribute__((noinline)) void mean_pixel(const edgeq_pool_params *p, const edgeq_pool_window *where,
                                                 int8_t *output)
{
    const edgeq_pool_window window = *where; /* held in registers */
    const int32_t count = window.rows * window.columns;
    int32_t channel = 0;
#if EDGEQ_DSP
    if (count <= EDGEQ_LANES_HOLD) {
        for (; channel <= window.channels - 4; channel += 4) {
            const edgeq_lanes sums = sum_of_four(&window, window.first + channel);
            for (int32_t column = 0; column < 4; column++) {
                output[channel + column] = mean(p, edgeq_lane(&sums, column), count);
            }
        }
    }
#endif
    for (; channel < window.channels; channel++) {
        output[channel] = mean(p, sum_of_one(&window, window.first + channel), count);
    }
}

void edgeq_average_pool_s8(const edgeq_pool_params *p, const int8_t *input, int8_t *output)
{
    edgeq_pool(p, input, output, mean_pixel);
}

/* interface */
#include "edgeq_pool_window.h"

void edgeq_average_pool_dsp_s8(const edgeq_pool_params *p, const int8_t *input, int8_t *output)
    __attribute__((noinline));

/* implementation */
#include "edgeq_average_pool.h"
#include "edgeq_lanes.h"

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

EDGEQ_SMALL EDGEQ_OUTLINED void mean_pixel(const edgeq_pool_params *p, const edgeq_pool_window *where, int8_t *output)
{
    const edgeq_pool_window window = *where; /* held in registers */
    const int32_t count = window.rows * window.columns;
    int32_t channel = 0;
    if (count <= EDGEQ_LANES_HOLD) {
        for (; channel <= window.channels - 4; channel += 4) {
            const edgeq_lanes sums = sum_of_four(&window, window.first + channel);
            for (int32_t column = 0; column < 4; column++) {
                output[channel + column] = edgeq_rounded_mean(p, edgeq_lane(&sums, column), count);
            }
        }
    }
    edgeq_average_pool_ones(p, &window, channel, output);
}

EDGEQ_SMALL void edgeq_average_pool_dsp_s8(const edgeq_pool_params *p, const int8_t *input, int8_t *output)
{
    edgeq_pool(p, input, output, mean_pixel);
}

/* interface */
#include "edgeq_pool_window.h"

void edgeq_average_pool_mve_s8(const edgeq_pool_params *p, const int8_t *input, int8_t *output)
    __attribute__((noinline));

/* implementation */
#include "edgeq_average_pool.h"
#include "edgeq_mve.h"

#define EDGEQ_LANE_HOLDS 255 /* bytes, summed in a halfword */

/* The sums of up to eight channels; those behind the last are 0. */
EDGEQ_INLINE int16x8_t sum_of_eight(const edgeq_pool_window *window, const int8_t *first, mve_pred16_t some)
{
    int16x8_t sums = vdupq_n_s16(0);
    for (int32_t rows = window->rows; rows > 0; rows--, first += window->row) {
        const int8_t *x = first;
        for (int32_t columns = window->columns; columns > 0; columns--, x += window->channels) {
            sums = vaddq_s16(sums, vldrbq_z_s16(x, some));
        }
    }
    return sums;
}

static __attribute__((noinline)) void mean_pixel(const edgeq_pool_params *p, const edgeq_pool_window *where,
                                                 int8_t *output)
{
    const edgeq_pool_window window = *where; /* held in registers */
    const int32_t count = window.rows * window.columns;
    if (count > EDGEQ_LANE_HOLDS) {
        edgeq_average_pool_ones(p, &window, 0, output);
        return;
    }
    for (int32_t channel = 0; channel < window.channels; channel += 8) {
        const int32_t left = window.channels - channel;
        int16_t sums[8];
        vst1q_s16(sums, sum_of_eight(&window, window.first + channel, vctp16q((uint32_t)left)));
        for (int32_t i = 0; i < 8 && i < left; i++) {
            output[channel + i] = edgeq_rounded_mean(p, sums[i], count);
        }
    }
}

void edgeq_average_pool_mve_s8(const edgeq_pool_params *p, const int8_t *input, int8_t *output)
{
    edgeq_pool(p, input, output, mean_pixel);
}

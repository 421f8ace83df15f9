/* interface */
#include "edgeq_pool_window.h"

void edgeq_max_pool_mve_s8(const edgeq_pool_params *p, const int8_t *input, int8_t *output) __attribute__((noinline));

/* implementation */
#include "edgeq_mve.h"

/* Up to sixteen channels at once. */
static __attribute__((noinline)) void max_pixel(const edgeq_pool_params *p, const edgeq_pool_window *where,
                                                int8_t *output)
{
    const edgeq_pool_window window = *where; /* held in registers */
    const int8x16_t low = vdupq_n_s8((int8_t)p->low), high = vdupq_n_s8((int8_t)p->high);
    for (int32_t channel = 0; channel < window.channels; channel += EDGEQ_VECTOR) {
        const mve_pred16_t some = vctp8q((uint32_t)(window.channels - channel));
        const int8_t *row = window.first + channel;
        int8x16_t largest = low;
        for (int32_t rows = window.rows; rows > 0; rows--, row += window.row) {
            const int8_t *x = row;
            for (int32_t columns = window.columns; columns > 0; columns--, x += window.channels) {
                largest = vmaxq_s8(largest, vldrbq_z_s8(x, some));
            }
        }
        vstrbq_p_s8(output + channel, vminq_s8(largest, high), some);
    }
}

void edgeq_max_pool_mve_s8(const edgeq_pool_params *p, const int8_t *input, int8_t *output)
{
    edgeq_pool(p, input, output, max_pixel);
}

/* AVERAGE_POOL_2D of all that there is, 255 pixels at most, some rows of the input at a time. */

/* interface */
#include "edgeq_pool_window.h"

/* The pooling's window is the whole input; this call adds `rows` rows of it from `first` on. */
typedef struct {
    edgeq_pool_params pool;
    int32_t first, rows;
} edgeq_pool_rows_params;

/* The scratch, a sum of two bytes a channel, is to stay from the call with the first row to that with the last, which writes the
 * output. */
void edgeq_average_pool_rows_s8(const edgeq_pool_rows_params *p, const int8_t *input, int8_t *output, void *scratch)
    __attribute__((noinline));

/* implementation */
#include "edgeq_average_pool.h"

void edgeq_average_pool_rows_s8(const edgeq_pool_rows_params *p, const int8_t *input, int8_t *output, void *scratch)
{
    const edgeq_pool_params *const pool = &p->pool;
    const int32_t channels = pool->channels, pixels = p->rows * pool->input_w;
    int16_t *const sums = (int16_t *)scratch;
    for (int32_t channel = 0; channel < channels; channel++) {
        int32_t sum = p->first == 0 ? 0 : sums[channel];
        const int8_t *x = input + channel;
        EDGEQ_ROLLED
        for (int32_t pixel = 0; pixel < pixels; pixel++, x += channels) {
            sum += *x;
        }
        sums[channel] = (int16_t)sum;
    }
    if (p->first + p->rows == pool->input_h) {
        for (int32_t channel = 0; channel < channels; channel++) {
            output[channel] = edgeq_rounded_mean(pool, sums[channel], pool->input_h * pool->input_w);
        }
    }
}

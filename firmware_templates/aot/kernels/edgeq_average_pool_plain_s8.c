/* interface */
#include "edgeq_pool_window.h"

void edgeq_average_pool_plain_s8(const edgeq_pool_params *p, const int8_t *input, int8_t *output)
    __attribute__((noinline));

/* implementation */
#include "edgeq_average_pool.h"

static __attribute__((noinline)) void mean_pixel(const edgeq_pool_params *p, const edgeq_pool_window *where,
                                                 int8_t *output)
{
    const edgeq_pool_window window = *where; /* held in registers */
    edgeq_average_pool_ones(p, &window, 0, output);
}

void edgeq_average_pool_plain_s8(const edgeq_pool_params *p, const int8_t *input, int8_t *output)
{
    edgeq_pool(p, input, output, mean_pixel);
}

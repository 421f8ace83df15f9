/* interface */
#include "edgeq_reduction_s16.h"

void edgeq_mean_s16(const edgeq_reduce_s16_params *p, const int16_t *input, int16_t *output) __attribute__((noinline));

/* implementation */
#include "edgeq_fixed_point.h"

static int32_t nothing(int32_t x)
{
    (void)x;
    return 0;
}

static int32_t sum(const edgeq_reduce_s16_params *p, int32_t all, int32_t x)
{
    (void)p;
    return all + x;
}

static int32_t mean(const edgeq_reduce_s16_params *p, int32_t all)
{
    return edgeq_clamp(edgeq_multiply(all, p->multiplier, p->shift), -32768, 32767);
}

void edgeq_mean_s16(const edgeq_reduce_s16_params *p, const int16_t *input, int16_t *output)
{
    edgeq_reduce_all_s16(p, input, output, nothing, sum, mean);
}

/* MEAN of INT32 and INT64 numbers that mean themselves, cut towards zero. */

/* interface */
#include "edgeq_reduction_whole.h"

void edgeq_mean_whole(const edgeq_reduce_whole_params *p, const int8_t *input, int8_t *output)
    __attribute__((noinline));

/* implementation */
static int64_t sum_of_two(const edgeq_reduce_whole_params *p, int64_t all, int64_t x)
{
    (void)p;
    return (int64_t)((uint64_t)all + (uint64_t)x);
}

static int64_t mean_of_all(const edgeq_reduce_whole_params *p, const int8_t *input)
{
    return edgeq_joined_whole(p, input, 0, sum_of_two) / p->count;
}

void edgeq_mean_whole(const edgeq_reduce_whole_params *p, const int8_t *input, int8_t *output)
{
    edgeq_reduce_all_whole(p, input, output, mean_of_all);
}

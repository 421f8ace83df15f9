/* REDUCE_MAX and REDUCE_MIN of int16. */

/* interface */
#include "edgeq_reduction_s16.h"

void edgeq_reduce_s16(const edgeq_reduce_s16_params *p, const int16_t *input, int16_t *output)
    __attribute__((noinline));

/* implementation */
static int32_t itself(int32_t x) { return x; }

static int32_t extremum(const edgeq_reduce_s16_params *p, int32_t all, int32_t x)
{
    return (x > all) == (p->largest != 0) ? x : all;
}

static int32_t as_it_is(const edgeq_reduce_s16_params *p, int32_t all)
{
    (void)p;
    return all;
}

void edgeq_reduce_s16(const edgeq_reduce_s16_params *p, const int16_t *input, int16_t *output)
{
    edgeq_reduce_all_s16(p, input, output, itself, extremum, as_it_is);
}

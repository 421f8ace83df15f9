/* SUM, REDUCE_PROD, REDUCE_MAX and REDUCE_MIN of INT32 and INT64 numbers that mean themselves. */

/* interface */
#include "edgeq_reduction_whole.h"

void edgeq_reduce_whole(const edgeq_reduce_whole_params *p, const int8_t *input, int8_t *output)
    __attribute__((noinline));

/* implementation */
static int64_t of_two(const edgeq_reduce_whole_params *p, int64_t all, int64_t x)
{
    switch (p->what) {
    case 0:
        return (int64_t)((uint64_t)all + (uint64_t)x);
    case 1:
        return (int64_t)((uint64_t)all * (uint64_t)x);
    case 2:
        return x > all ? x : all;
    default:
        return x < all ? x : all;
    }
}

static int64_t of_all(const edgeq_reduce_whole_params *p, const int8_t *input)
{
    const int64_t first = p->what < 2 ? p->what : p->what == 2 ? INT64_MIN : INT64_MAX;
    return edgeq_joined_whole(p, input, first, of_two);
}

void edgeq_reduce_whole(const edgeq_reduce_whole_params *p, const int8_t *input, int8_t *output)
{
    edgeq_reduce_all_whole(p, input, output, of_all);
}

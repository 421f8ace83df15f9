/* What the reductions of INT32 and INT64 numbers share: loops over what stays, and in them over what is joined. */
#ifndef EDGEQ_REDUCTION_WHOLE_H
#define EDGEQ_REDUCTION_WHOLE_H

#include <stdint.h>

#include "edgeq_arith.h"
#include "edgeq_mem.h"

/* Loops over what stays (kept) and over what is joined (reduced), outermost first, strides in numbers of the input. */
typedef struct {
    int32_t size; /* bytes of a number, little-endian: 4 or 8 */
    int32_t what; /* 0 sum, 1 product, 2 largest, 3 smallest */
    int32_t count; /* of MEAN: how many numbers are joined to one */
    int32_t kept_count0, kept_stride0, kept_count1, kept_stride1, kept_count2, kept_stride2;
    int32_t reduced_count0, reduced_stride0, reduced_count1, reduced_stride1, reduced_count2, reduced_stride2;
} edgeq_reduce_whole_params;

EDGEQ_INLINE int64_t edgeq_whole_number(const int8_t *at, int32_t size)
{
    if (size == 4) {
        int32_t narrow;
        memcpy(&narrow, at, 4);
        return narrow;
    }
    int64_t wide;
    memcpy(&wide, at, 8);
    return wide;
}

/* Joins, from `first` on, all that one output is made of; sums and products wrap. */
EDGEQ_INLINE int64_t edgeq_joined_whole(const edgeq_reduce_whole_params *p, const int8_t *input, int64_t first,
                                        int64_t (*of)(const edgeq_reduce_whole_params *, int64_t, int64_t))
{
    int64_t all = first;
    for (int32_t i = 0; i < p->reduced_count0; i++) {
        for (int32_t j = 0; j < p->reduced_count1; j++) {
            const int8_t *x = input + p->size * (i * p->reduced_stride0 + j * p->reduced_stride1);
            for (int32_t k = 0; k < p->reduced_count2; k++, x += p->size * p->reduced_stride2) {
                all = of(p, all, edgeq_whole_number(x, p->size));
            }
        }
    }
    return all;
}

EDGEQ_INLINE void edgeq_reduce_all_whole(const edgeq_reduce_whole_params *p, const int8_t *input, int8_t *output,
                                         int64_t (*result)(const edgeq_reduce_whole_params *, const int8_t *))
{
    for (int32_t i = 0; i < p->kept_count0; i++) {
        for (int32_t j = 0; j < p->kept_count1; j++) {
            const int8_t *x = input + p->size * (i * p->kept_stride0 + j * p->kept_stride1);
            for (int32_t k = 0; k < p->kept_count2; k++, x += p->size * p->kept_stride2) {
                const int64_t number = result(p, x);
                memcpy(output, &number, (size_t)p->size);
                output += p->size;
            }
        }
    }
}

#endif

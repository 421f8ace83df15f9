/* What the reductions of int16 share: loops over what stays, and in them over what is joined. */
#ifndef EDGEQ_REDUCTION_S16_H
#define EDGEQ_REDUCTION_S16_H

#include <stdint.h>

#include "edgeq_arith.h"

/* Loops over what stays (kept) and over what is joined (reduced), outermost first, strides in the input. */
typedef struct {
    int32_t kept_count0, kept_stride0, kept_count1, kept_stride1, kept_count2, kept_stride2;
    int32_t reduced_count0, reduced_stride0, reduced_count1, reduced_stride1, reduced_count2, reduced_stride2;
    int32_t multiplier, shift; /* of MEAN: from a sum to the output, to the left */
    int32_t largest;           /* of the others: 1, or 0 for the smallest */
} edgeq_reduce_s16_params;

EDGEQ_INLINE void edgeq_reduce_all_s16(const edgeq_reduce_s16_params *p, const int16_t *input, int16_t *output,
                                       int32_t (*first_of)(int32_t),
                                       int32_t (*of)(const edgeq_reduce_s16_params *, int32_t, int32_t),
                                       int32_t (*end)(const edgeq_reduce_s16_params *, int32_t))
{
    for (int32_t i = 0; i < p->kept_count0; i++) {
        for (int32_t j = 0; j < p->kept_count1; j++) {
            const int16_t *first = input + i * p->kept_stride0 + j * p->kept_stride1;
            for (int32_t k = 0; k < p->kept_count2; k++, first += p->kept_stride2) {
                int32_t all = first_of(*first);
                for (int32_t l = 0; l < p->reduced_count0; l++) {
                    for (int32_t m = 0; m < p->reduced_count1; m++) {
                        const int16_t *x = first + l * p->reduced_stride0 + m * p->reduced_stride1;
                        for (int32_t n = 0; n < p->reduced_count2; n++, x += p->reduced_stride2) {
                            all = of(p, all, *x);
                        }
                    }
                }
                *output++ = (int16_t)end(p, all);
            }
        }
    }
}

#endif

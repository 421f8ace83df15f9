/* What the kernels of MEAN share. */
#ifndef EDGEQ_MEAN_H
#define EDGEQ_MEAN_H

#include <stdint.h>

#include "edgeq_fixed_point.h"

/* Loops over what stays (kept) and over what is averaged (reduced), outermost first, strides in the input. */
typedef struct {
    int32_t kept_count0, kept_stride0, kept_count1, kept_stride1, kept_count2, kept_stride2;
    int32_t reduced_count0, reduced_stride0, reduced_count1, reduced_stride1, reduced_count2, reduced_stride2;
    int32_t offset; /* what takes the input's zero point out of a sum */
    int32_t multiplier, shift, output_zero_point;
} edgeq_mean_params;

static inline int32_t edgeq_sum_of(const edgeq_mean_params *p, const int8_t *input)
{
    const int32_t count = p->reduced_count2, stride = p->reduced_stride2;
    int32_t sum = 0;
    for (int32_t i = 0; i < p->reduced_count0; i++) {
        for (int32_t j = 0; j < p->reduced_count1; j++) {
            const int8_t *x = input + i * p->reduced_stride0 + j * p->reduced_stride1;
            for (int32_t k = 0; k < count; k++, x += stride) {
                sum += *x;
            }
        }
    }
    return sum;
}

static inline int8_t edgeq_mean_of(const edgeq_mean_params *p, int32_t sum)
{
    const int32_t y = edgeq_multiply(sum + p->offset, p->multiplier, p->shift);
    return (int8_t)edgeq_clamp(y + p->output_zero_point, -128, 127);
}

#endif

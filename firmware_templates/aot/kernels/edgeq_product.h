/* What the kernels of REDUCE_PROD share. */
#ifndef EDGEQ_PRODUCT_H
#define EDGEQ_PRODUCT_H

#include <stdint.h>

/* Loops over what stays (kept) and over what is multiplied (reduced), outermost first, strides in the input. */
typedef struct {
    int32_t offset;
    int32_t multiplier, shift; /* of every product: 15 bits, to the right */
    int32_t output_zero_point;
    int32_t kept_count0, kept_stride0, kept_count1, kept_stride1, kept_count2, kept_stride2;
    int32_t reduced_count0, reduced_stride0, reduced_count1, reduced_stride1, reduced_count2, reduced_stride2;
} edgeq_product_params;

static inline int32_t edgeq_scaled_product(const edgeq_product_params *p, int64_t x)
{
    return (int32_t)((x * p->multiplier + ((int64_t)1 << (p->shift - 1))) >> p->shift);
}

#endif

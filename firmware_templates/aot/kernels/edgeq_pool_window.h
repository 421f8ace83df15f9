/* The part of a pooling window that lies inside the input. */
#ifndef EDGEQ_POOL_WINDOW_H
#define EDGEQ_POOL_WINDOW_H

#include "edgeq_kernels.h"

typedef struct {
    int32_t first, count;
} edgeq_pool_span;

static inline edgeq_pool_span edgeq_pool_inside(int32_t at, int32_t stride, int32_t pad, int32_t window, int32_t size)
{
    const int32_t start = at * stride - pad;
    const int32_t first = start > 0 ? start : 0;
    const int32_t end = start + window < size ? start + window : size;
    const edgeq_pool_span span = {first, end - first};
    return span;
}

#endif

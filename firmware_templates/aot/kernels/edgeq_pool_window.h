/* What the poolings share: the part of each window that lies inside the input. */
#ifndef EDGEQ_POOL_WINDOW_H
#define EDGEQ_POOL_WINDOW_H

#include "edgeq_arith.h"

/* NHWC. */
typedef struct {
    int32_t batches;
    int32_t input_h, input_w, channels;
    int32_t output_h, output_w;
    int32_t window_h, window_w;
    int32_t stride_h, stride_w;
    int32_t pad_h, pad_w; /* before the first row and column */
    int32_t low, high;
    int32_t offset; /* of a mean's values: where bytes were unsigned, as they were then */
} edgeq_pool_params;

/* `first` is the window's first pixel; `row` and `channels` are the distances to the next row and pixel. There is
   always at least one row and one column: padding is smaller than the window. */
typedef struct {
    const int8_t *first;
    int32_t rows, columns;
    int32_t row, channels;
} edgeq_pool_window;

typedef struct {
    int32_t first, count;
} edgeq_pool_span;

EDGEQ_INLINE edgeq_pool_span edgeq_pool_inside(int32_t at, int32_t stride, int32_t pad, int32_t window, int32_t size)
{
    const int32_t start = at * stride - pad;
    const int32_t first = start > 0 ? start : 0;
    const int32_t end = start + window < size ? start + window : size;
    const edgeq_pool_span span = {first, end - first};
    return span;
}

/* Calls `pixel` for every output pixel. */
EDGEQ_INLINE void edgeq_pool(const edgeq_pool_params *p, const int8_t *input, int8_t *output,
                             void (*pixel)(const edgeq_pool_params *, const edgeq_pool_window *, int8_t *))
{
    edgeq_pool_window window;
    window.channels = p->channels;
    window.row = p->input_w * p->channels;
    for (int32_t batch = 0; batch < p->batches; batch++) {
        for (int32_t y = 0; y < p->output_h; y++) {
            const edgeq_pool_span rows = edgeq_pool_inside(y, p->stride_h, p->pad_h, p->window_h, p->input_h);
            window.rows = rows.count;
            for (int32_t x = 0; x < p->output_w; x++) {
                const edgeq_pool_span columns =
                    edgeq_pool_inside(x, p->stride_w, p->pad_w, p->window_w, p->input_w);
                window.columns = columns.count;
                window.first = input + rows.first * window.row + columns.first * window.channels;
                pixel(p, &window, output);
                output += p->channels;
            }
        }
        input += p->input_h * window.row;
    }
}

#endif

/* What the poolings of int16 share: the part of each window that lies inside the input. */
#ifndef EDGEQ_POOL_S16_H
#define EDGEQ_POOL_S16_H

#include <stdint.h>

#include "edgeq_arith.h"
#include "edgeq_fixed_point.h"

/* NHWC. */
typedef struct {
    int32_t batches;
    int32_t input_h, input_w, channels;
    int32_t output_h, output_w;
    int32_t window_h, window_w;
    int32_t stride_h, stride_w;
    int32_t pad_h, pad_w; /* before the first row and column */
    int32_t low, high;
} edgeq_pool_s16_params;

/* A window's part inside the input, of one channel: always at least one pixel. */
typedef struct {
    int32_t rows, columns;
    int32_t row, column; /* to the next */
} edgeq_pool_part_s16;

EDGEQ_INLINE void edgeq_pool_s16(const edgeq_pool_s16_params *p, const int16_t *input, int16_t *output,
                       int32_t (*of)(const edgeq_pool_part_s16 *, const int16_t *))
{
    edgeq_pool_part_s16 inside;
    inside.column = p->channels;
    inside.row = p->input_w * p->channels;
    for (int32_t batch = 0; batch < p->batches; batch++, input += p->input_h * inside.row) {
        for (int32_t y = 0; y < p->output_h; y++) {
            const int32_t top = y * p->stride_h - p->pad_h, y0 = top > 0 ? top : 0;
            const int32_t y1 = top + p->window_h < p->input_h ? top + p->window_h : p->input_h;
            inside.rows = y1 - y0;
            for (int32_t x = 0; x < p->output_w; x++) {
                const int32_t left = x * p->stride_w - p->pad_w, x0 = left > 0 ? left : 0;
                const int32_t x1 = left + p->window_w < p->input_w ? left + p->window_w : p->input_w;
                const int16_t *first = input + y0 * inside.row + x0 * p->channels;
                inside.columns = x1 - x0;
                for (int32_t c = 0; c < p->channels; c++) {
                    *output++ = (int16_t)edgeq_clamp(of(&inside, first + c), p->low, p->high);
                }
            }
        }
    }
}

#endif

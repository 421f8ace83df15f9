/* The inputs under one position of a convolution's kernel, as bytes, by Helium. */
#ifndef EDGEQ_WINDOW_MVE_H
#define EDGEQ_WINDOW_MVE_H

#include <stdint.h>

#include "edgeq_conv_mve_params.h"
#include "edgeq_mve.h"

/* One row of the kernel that lies in the input's row `from`. */
static inline int8_t *edgeq_window_row(const edgeq_conv_mve_params *p, const int8_t *from, int32_t left, int8_t *to)
{
    const int32_t channels = p->group_channels;
    int32_t taps = p->kernel_width;
    if (p->groups == 1 && p->dilation_width == 1) { /* taps inside are contiguous */
        const int32_t last = left + taps < p->input_width ? left + taps : p->input_width;
        const int32_t first = left > 0 ? left : 0;
        if (first < last) {
            to = edgeq_fill_mve(to, p->input_zero_point, (first - left) * channels);
            to = edgeq_copy_mve(to, from + first * channels, (last - first) * channels);
            taps -= last - left;
        }
        return edgeq_fill_mve(to, p->input_zero_point, taps * channels);
    }
    for (; taps > 0; taps--, left += p->dilation_width) {
        if (left < 0 || left >= p->input_width) {
            to = edgeq_fill_mve(to, p->input_zero_point, channels);
        } else {
            to = edgeq_copy_mve(to, from + left * p->input_channels, channels);
        }
    }
    return to;
}

/* Writes the inputs under the kernel whose first tap lies at (top, left): rows, columns, channels of the group that
 * `input` starts with; the zero point where the kernel hangs over the edge. Behind them, up to p->depth, stays what was
 * there, or comes anything: the weights are zero. `end` is the input's. */
static inline void edgeq_window_mve(const edgeq_conv_mve_params *p, const int8_t *input, const int8_t *end, int32_t top,
                                    int32_t left, int8_t *to)
{
    const int32_t pitch = p->input_width * p->input_channels;
    const int8_t *from = input + top * pitch + left * p->input_channels;
    if (p->contiguous && p->row_bytes <= EDGEQ_VECTOR && top >= 0 && left >= 0 &&
        left + p->kernel_width <= p->input_width && top + p->kernel_height <= p->input_height &&
        end - from >= (p->kernel_height - 1) * pitch + EDGEQ_VECTOR) {
        for (int32_t rows = p->kernel_height; rows > 0; rows--) { /* the next row overwrites what is too much */
            vstrbq_s8(to, vldrbq_s8(from));
            to += p->row_bytes;
            from += pitch;
        }
        return;
    }
    for (int32_t rows = p->kernel_height; rows > 0; rows--, top += p->dilation_height) {
        if (top < 0 || top >= p->input_height) {
            to = edgeq_fill_mve(to, p->input_zero_point, p->row_bytes);
        } else {
            to = edgeq_window_row(p, input + top * pitch, left, to);
        }
    }
}

#endif

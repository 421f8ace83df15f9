/* The inputs under one position of a convolution's kernel: what every core's way to get at them shares. */
#ifndef EDGEQ_GATHER_H
#define EDGEQ_GATHER_H

#include <stdint.h>

#include "edgeq_arith.h"
#include "edgeq_conv_params.h"

/* Copies count bytes, and gives the place behind them. */
typedef int8_t *(*edgeq_copy)(int8_t *to, const int8_t *from, int32_t count);

EDGEQ_OUTLINED int8_t *edgeq_fill_bytes(int8_t *to, int32_t value, int32_t count)
{
    EDGEQ_ROLLED
    for (; count > 0; count--) {
        *to++ = (int8_t)value;
    }
    return to;
}

/* One row of the kernel that lies in the input's row `from`, by the core's way to copy bytes. */
EDGEQ_INLINE int8_t *edgeq_gather_row(const edgeq_conv_params *p, const int8_t *from, int32_t left, int8_t *to,
                                      edgeq_copy copy)
{
    const int32_t channels = p->group_channels;
    int32_t taps = p->kernel_width;
    if (p->groups == 1 && p->dilation_width == 1) { /* taps inside are contiguous */
        const int32_t last = left + taps < p->input_width ? left + taps : p->input_width;
        const int32_t first = left > 0 ? left : 0;
        if (first < last) {
            to = edgeq_fill_bytes(to, p->input_zero_point, (first - left) * channels);
            to = copy(to, from + first * channels, (last - first) * channels);
            taps -= last - left;
        }
        return edgeq_fill_bytes(to, p->input_zero_point, taps * channels);
    }
    for (; taps > 0; taps--, left += p->dilation_width) {
        if (left < 0 || left >= p->input_width) {
            to = edgeq_fill_bytes(to, p->input_zero_point, channels);
        } else {
            to = copy(to, from + left * p->input_channels, channels);
        }
    }
    return to;
}

/* Whether no tap of a kernel whose rows are contiguous hangs over an edge. */
EDGEQ_INLINE int edgeq_gather_is_interior(const edgeq_conv_params *p, int32_t top, int32_t left)
{
    return p->contiguous && top >= 0 && left >= 0 && top + p->kernel_height <= p->input_height &&
           left + p->kernel_width <= p->input_width;
}

#endif

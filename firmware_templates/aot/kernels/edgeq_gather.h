/* The inputs under one position of a convolution's kernel, as contiguous bytes. */
#ifndef EDGEQ_GATHER_H
#define EDGEQ_GATHER_H

#include <stdint.h>

#include "edgeq_arith.h"
#include "edgeq_kernels_mac.h"

/* Unaligned word copies where the core allows them; sizes are small and mostly not constant. */
EDGEQ_INLINE int8_t *edgeq_copy_bytes(int8_t *to, const int8_t *from, int32_t count)
{
#if EDGEQ_DSP
    for (; count >= 4; count -= 4, to += 4, from += 4) {
        __builtin_memcpy(to, from, 4);
    }
#endif
    for (; count > 0; count--) {
        *to++ = *from++;
    }
    return to;
}

EDGEQ_INLINE int8_t *edgeq_fill_bytes(int8_t *to, int8_t value, int32_t count)
{
    for (; count > 0; count--) {
        *to++ = value;
    }
    return to;
}

/* Writes p->depth bytes: rows, columns, channels of one group; the zero point where the kernel hangs over the
 * edge (the bias counts on it), zeros behind the last (their weights are zero). */
static inline void edgeq_gather(const edgeq_conv_params *p, const int8_t *input, int32_t group, int32_t out_y,
                                int32_t out_x, int8_t *patch)
{
    const int32_t channels = p->input_channels / p->groups;
    const int8_t zero = (int8_t)p->input_zero_point;
    const int32_t top = out_y * p->stride_height - p->pad_top;
    const int32_t left = out_x * p->stride_width - p->pad_left;
    const int8_t *const end = patch + p->depth;
    for (int32_t ky = 0; ky < p->kernel_height; ky++) {
        const int32_t y = top + ky * p->dilation_height;
        if (y < 0 || y >= p->input_height) {
            patch = edgeq_fill_bytes(patch, zero, p->kernel_width * channels);
        } else {
            const int8_t *row = input + y * p->input_width * p->input_channels + group * channels;
            if (p->dilation_width == 1 && p->groups == 1) {
                const int32_t before = left < 0 ? (-left < p->kernel_width ? -left : p->kernel_width) : 0;
                int32_t after = left + p->kernel_width - p->input_width;
                after = after < 0 ? 0 : after > p->kernel_width - before ? p->kernel_width - before : after;
                const int32_t inside = p->kernel_width - before - after;
                patch = edgeq_fill_bytes(patch, zero, before * channels);
                patch = edgeq_copy_bytes(patch, row + (left + before) * channels, inside * channels);
                patch = edgeq_fill_bytes(patch, zero, after * channels);
            } else {
                for (int32_t kx = 0; kx < p->kernel_width; kx++) {
                    const int32_t x = left + kx * p->dilation_width;
                    patch = x < 0 || x >= p->input_width
                                ? edgeq_fill_bytes(patch, zero, channels)
                                : edgeq_copy_bytes(patch, row + x * p->input_channels, channels);
                }
            }
        }
    }
    while (patch < end) {
        *patch++ = 0;
    }
}

#endif

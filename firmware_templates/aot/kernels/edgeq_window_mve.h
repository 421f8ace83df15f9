/* The windows of a convolution's kernel over a part of a row of outputs, as bytes, by Helium. */
#ifndef EDGEQ_WINDOW_MVE_H
#define EDGEQ_WINDOW_MVE_H

#include <stdint.h>

#include "edgeq_conv_mve_params.h"
#include "edgeq_mve.h"

/* Bytes from one pixel's window to the next one: the last copy may write a vector too much. */
EDGEQ_INLINE int32_t edgeq_window_pitch(const edgeq_conv_mve_params *p) { return p->depth + EDGEQ_VECTOR; }

/* The pixels of the input's row y from x on, all their channels; the zero point where they are outside. */
static inline void edgeq_line_mve(const edgeq_conv_mve_params *p, const int8_t *input, int32_t y, int32_t x, int8_t *line)
{
    const int32_t channels = p->input_channels, end = x + p->line;
    int32_t first = x < 0 ? 0 : x, last = end < p->input_width ? end : p->input_width;
    if (y < 0 || y >= p->input_height || first >= last) {
        first = last = end;
    }
    line = edgeq_fill_mve(line, p->input_zero_point, (first - x) * channels);
    if (first < last) {
        line = edgeq_copy_mve(line, input + (y * p->input_width + first) * channels, (last - first) * channels);
    }
    edgeq_fill_mve(line, p->input_zero_point, (end - last) * channels);
}

/* Copies bytes for each of the pixels: `step` apart in the line, a pitch apart in the windows. What it writes too much,
 * the next bytes overwrite. */
static inline void edgeq_spread_mve(const int8_t *from, int32_t step, int8_t *to, int32_t pitch, int32_t bytes,
                                    int32_t pixels)
{
    for (int32_t done = 0; done < bytes; done += EDGEQ_VECTOR) {
        const int8_t *source = from + done;
        int8_t *target = to + done;
        for (int32_t i = 0; i < pixels; i++) {
            vstrbq_s8(target, vldrbq_s8(source));
            source += step;
            target += pitch;
        }
    }
}

/* Writes the windows of `pixels` outputs of row y from column x on: rows, columns, channels of a group. Behind them, up to
 * p->depth, comes anything: the weights are zero. The line, with a vector's room behind it, is for what lies outside. */
static inline void edgeq_windows_mve(const edgeq_conv_mve_params *p, const int8_t *input, int32_t group, int32_t y,
                                     int32_t x, int32_t pixels, int8_t *line, int8_t *windows)
{
    const int32_t whole = p->groups == 1 && p->dilation_width == 1; /* a kernel's row lies together */
    const int32_t pieces = whole ? 1 : p->kernel_width, bytes = whole ? p->row_bytes : p->group_channels;
    const int32_t step = p->stride_width * p->input_channels;
    int32_t top = y * p->stride_height - p->pad_top;
    for (int32_t rows = p->kernel_height; rows > 0; rows--, top += p->dilation_height) {
        const int8_t *from = line + group * p->group_channels;
        edgeq_line_mve(p, input, top, x * p->stride_width - p->pad_left, line);
        for (int32_t i = 0; i < pieces; i++) {
            edgeq_spread_mve(from, step, windows, edgeq_window_pitch(p), bytes, pixels);
            from += p->dilation_width * p->input_channels;
            windows += bytes;
        }
    }
}

#endif

/* The body of the convolution kernels for Helium: two pixels, four channels, sixteen inputs at once. */
#ifndef EDGEQ_CONV_MVE_H
#define EDGEQ_CONV_MVE_H

#include <stdint.h>

#include "edgeq_arith.h"
#include "edgeq_conv_mve_params.h"
#include "edgeq_mve.h"
#include "edgeq_quads_mve.h"
#include "edgeq_window_mve.h"

EDGEQ_INLINE void edgeq_quads_mve(const edgeq_quads *quads, edgeq_form form)
{
    if (form == EDGEQ_SIGNED) {
        edgeq_quads_signed(quads);
    } else {
        edgeq_quads_fast(quads);
    }
}

/* All channels of a group for the pixels whose inputs are at quads->first and second. */
EDGEQ_INLINE void edgeq_conv_two(edgeq_quads *quads, const int8_t *filters, int32_t bytes, int32_t channels,
                                 int8_t *output, int32_t pitch, edgeq_form form)
{
    const int32_t whole = channels / 4 * bytes, rest = channels & 3;
    quads->filters = filters;
    quads->end = filters + whole;
    quads->output = output;
    quads->pitch = pitch;
    if (whole > 0) {
        edgeq_quads_mve(quads, form);
    }
    if (rest > 0) {
        int8_t last[8];
        quads->filters = filters + whole;
        quads->end = filters + whole + bytes;
        quads->output = last;
        quads->pitch = 4;
        edgeq_quads_mve(quads, form);
        edgeq_copy_mve(output + channels - rest, last, rest);
        edgeq_copy_mve(output + pitch + channels - rest, last + 4, rest);
    }
}

EDGEQ_INLINE void edgeq_conv_group_mve(const edgeq_conv_mve_params *p, const int8_t *input, const int8_t *end,
                                       const int8_t *filters, int8_t *output, int8_t *windows, edgeq_form form)
{
    const int32_t bytes = 4 * p->depth + 64; /* of four channels */
    const int direct = p->kernel_height * p->kernel_width == 1;
    int32_t pixels = p->output_height * p->output_width;
    int32_t top = -p->pad_top, left = -p->pad_left, column = p->output_width;
    edgeq_quads quads = {.rest = edgeq_steps_rest(p->depth / EDGEQ_VECTOR)};
    while (pixels > 0) {
        const int8_t *at[2];
        const int32_t count = pixels > 1 ? 2 : 1;
        for (int32_t i = 0; i < count; i++) {
            const int8_t *const from = input + (top * p->input_width + left) * p->input_channels;
            if (direct && end - from >= p->depth) {
                at[i] = from;
            } else {
                at[i] = windows + i * p->depth;
                edgeq_window_mve(p, input, end, top, left, windows + i * p->depth);
            }
            left += p->stride_width;
            if (--column == 0) {
                column = p->output_width;
                left = -p->pad_left;
                top += p->stride_height;
            }
        }
        quads.first = at[0];
        quads.second = at[count - 1];
        edgeq_conv_two(&quads, filters, bytes, p->output_channels / p->groups, output,
                       (count - 1) * p->output_channels, form);
        output += 2 * p->output_channels;
        pixels -= 2;
    }
}

EDGEQ_INLINE void edgeq_conv_mve(const edgeq_conv_mve_params *p, const int8_t *input, int8_t *output, void *scratch,
                                 edgeq_form form)
{
    const int32_t channels = p->output_channels / p->groups;
    const int32_t bytes = (channels + 3) / 4 * (4 * p->depth + 64);
    const int8_t *const end = input + p->input_height * p->input_width * p->input_channels;
    for (int32_t group = 0; group < p->groups; group++) {
        edgeq_conv_group_mve(p, input + group * p->group_channels, end, p->filters + group * bytes,
                             output + group * channels, (int8_t *)scratch, form);
    }
    edgeq_bound_mve(output, p->output_height * p->output_width * p->output_channels, p->output_min, p->output_max);
}

#endif

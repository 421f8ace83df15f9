/* The body of the convolution kernels for Helium: two pixels, four channels, sixteen inputs at once. */
#ifndef EDGEQ_CONV_MVE_H
#define EDGEQ_CONV_MVE_H

#include <stdint.h>

#include "edgeq_arith.h"
#include "edgeq_conv_mve_params.h"
#include "edgeq_mve.h"
#include "edgeq_quads_mve.h"
#include "edgeq_window_mve.h"

/* A group's channels, where there are less than four: by way of four. */
static __attribute__((noinline)) void edgeq_conv_few(const edgeq_conv_mve_params *p, edgeq_quads *quads, int32_t pixels, int32_t channels,
                                  edgeq_quads_kernel kernel)
{
    int8_t four[8];
    int8_t *output = quads->output;
    const int8_t *second = quads->second;
    quads->output = four;
    quads->pitch = 4;
    for (; pixels > 0; pixels -= 2) {
        quads->pairs = 1;
        quads->second = pixels > 1 ? second : quads->first;
        second += quads->step;
        kernel(quads);
        edgeq_copy_mve(output, four, channels);
        if (pixels > 1) {
            edgeq_copy_mve(output + p->output_channels, four + 4, channels);
        }
        output += 2 * p->output_channels;
    }
}

/* All channels of a group for pixels whose inputs are `step` bytes apart. */
static __attribute__((noinline)) void edgeq_conv_pixels(const edgeq_conv_mve_params *p, const int8_t *filters, const int8_t *from, int32_t step,
                                     int32_t pixels, int8_t *output, edgeq_form form)
{
    const int32_t channels = p->output_channels / p->groups;
    const int32_t bytes = 4 * p->depth + 64; /* of four channels */
    const int32_t back = -channels & 3;
    const edgeq_quads_kernel kernel = edgeq_quads_of(p->depth / EDGEQ_VECTOR, form);
    edgeq_quads quads = {.first = from, .second = from + step, .filters = filters, .output = output};
    quads.end = filters + (channels + 3) / 4 * bytes - (back > 0 ? bytes : 1);
    quads.pitch = p->output_channels;
    quads.rest = edgeq_quads_rest(p->depth / EDGEQ_VECTOR);
    quads.step = 2 * step;
    quads.pairs = pixels / 2;
    quads.back = back;
    quads.next = 2 * p->output_channels - channels;
    if (channels < 4) {
        quads.end = filters + bytes - 1;
        edgeq_conv_few(p, &quads, pixels, channels, kernel);
        return;
    }
    if (quads.pairs > 0) {
        kernel(&quads);
    }
    if (pixels & 1) { /* the last one alone: twice */
        quads.first = quads.second = from + (pixels - 1) * step;
        quads.output = output + (pixels - 1) * p->output_channels;
        quads.pitch = 0;
        quads.pairs = 1;
        kernel(&quads);
    }
}

/* The same for pixels as they lie in the input, of which the last ones' sixteens may go beyond its end: those are copied. */
static __attribute__((noinline)) void edgeq_conv_direct(const edgeq_conv_mve_params *p, const int8_t *filters, const int8_t *from,
                                     const int8_t *end, int32_t pixels, int8_t *output, int8_t *scratch, edgeq_form form)
{
    const int32_t step = p->stride_width * p->input_channels;
    const int32_t room = end - from >= p->depth ? (end - from - p->depth) / step + 1 : 0;
    const int32_t within = room >= pixels ? pixels : room & ~1;
    if (within > 0) {
        edgeq_conv_pixels(p, filters, from, step, within, output, form);
    }
    if (within < pixels) {
        from += within * step;
        edgeq_copy_mve(scratch, from, end - from);
        edgeq_conv_pixels(p, filters, scratch, step, pixels - within, output + within * p->output_channels, form);
    }
}

EDGEQ_INLINE void edgeq_conv_mve(const edgeq_conv_mve_params *p, const int8_t *input, int8_t *output, void *scratch,
                                 edgeq_form form)
{
    const int32_t channels = p->output_channels / p->groups;
    const int32_t bytes = (channels + 3) / 4 * (4 * p->depth + 64);
    const int32_t pitch = p->input_width * p->input_channels, row = p->output_width * p->output_channels;
    const int8_t *const end = input + p->input_height * pitch;
    int8_t *const line = (int8_t *)scratch, *const windows = line + p->line * p->input_channels + EDGEQ_VECTOR;
    for (int32_t group = 0; group < p->groups; group++) {
        const int8_t *const filters = p->filters + group * bytes;
        int8_t *to = output + group * channels;
        if (p->line == 0 && p->stride_height == 1 && p->stride_width == 1) {
            edgeq_conv_direct(p, filters, input + group * p->group_channels, end, p->output_height * p->output_width, to,
                              line, form);
            continue;
        }
        for (int32_t y = 0; y < p->output_height; y++, to += row) {
            if (p->line == 0) {
                const int8_t *const from = input + y * p->stride_height * pitch + group * p->group_channels;
                edgeq_conv_direct(p, filters, from, end, p->output_width, to, line, form);
                continue;
            }
            for (int32_t x = 0; x < p->output_width; x += p->pixels) {
                const int32_t count = p->output_width - x < p->pixels ? p->output_width - x : p->pixels;
                edgeq_windows_mve(p, input, group, y, x, count, line, windows);
                edgeq_conv_pixels(p, filters, windows, edgeq_window_pitch(p), count, to + x * p->output_channels, form);
            }
        }
    }
    edgeq_bound_mve(output, p->output_height * p->output_width * p->output_channels, p->output_min, p->output_max);
}

#endif

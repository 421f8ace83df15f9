/* The body of the convolution kernels for Armv7-M without the DSP extension: 8 pixels at once, two of them a word. */
#ifndef EDGEQ_CONV_V7M_H
#define EDGEQ_CONV_V7M_H

#include <stdint.h>

#include "edgeq_arith.h"
#include "edgeq_conv_v7m_params.h"
#include "edgeq_pack_v7m.h"
#include "edgeq_segments_v7m.h"
#include "edgeq_words_of_pixels.h"

/* Bytes of scratch: the words, the sums of segments, and two windows that hang over an edge. */
static inline int32_t edgeq_conv_v7m_scratch(const edgeq_conv_v7m_params *p)
{
    return 16 * (p->depth + p->segments - 1) + 2 * ((p->depth + 3) & ~3);
}

/* A pixel's window: where its first byte would lie, were it not cut off. */
typedef struct {
    const int8_t *from;
    int32_t top, left;
} edgeq_window;

static inline edgeq_window edgeq_window_of(const edgeq_conv_v7m_params *p, const int8_t *input, int32_t pixel)
{
    const int32_t y = pixel / p->output_width;
    const int32_t top = y * p->stride_height - p->pad_top;
    const int32_t left = (pixel - y * p->output_width) * p->stride_width - p->pad_left;
    const edgeq_window window = {input + (top * p->input_width + left) * p->input_channels, top, left};
    return window;
}

static inline int edgeq_window_is_inside(const edgeq_conv_v7m_params *p, const edgeq_window *window)
{
    return window->left >= 0 && window->left + p->kernel_width <= p->input_width && window->top >= 0 &&
           window->top + (p->kernel_height - 1) * p->dilation_height < p->input_height;
}

/* A window's bytes, one row behind the other, what is outside of the input as its zero point. */
static inline void edgeq_window_copy(const edgeq_conv_v7m_params *p, const edgeq_window *window, int8_t *to)
{
    const int32_t channels = p->input_channels;
    const int32_t first = window->left < 0 ? -window->left : 0, beyond = p->input_width - window->left;
    const int32_t last = beyond < p->kernel_width ? beyond : p->kernel_width;
    const int8_t *from = window->from;
    int32_t y = window->top;
    for (int32_t ky = 0; ky < p->kernel_height; ky++, y += p->dilation_height) {
        const int outside = y < 0 || y >= p->input_height;
        const int32_t copied = outside ? 0 : first * channels, end = outside ? 0 : last * channels;
        int32_t i = 0;
        EDGEQ_ROLLED
        for (; i < copied; i++) {
            *to++ = (int8_t)p->input_zero_point;
        }
        EDGEQ_ROLLED
        for (; i < end; i++) {
            *to++ = from[i];
        }
        EDGEQ_ROLLED
        for (; i < p->kernel_width * channels; i++) {
            *to++ = (int8_t)p->input_zero_point;
        }
        from += p->dilation_height * p->input_width * channels;
    }
}

/* Two windows, of which each may hang over an edge, to words that lie `step` apart. */
static inline void edgeq_pack_windows(const edgeq_conv_v7m_params *p, const edgeq_window *low,
                                      const edgeq_window *high, uint32_t *words, int32_t step, int8_t *copies)
{
    const edgeq_window *const windows[2] = {low, high};
    const int32_t row_bytes = p->kernel_width * p->input_channels;
    const int8_t *from[2];
    int32_t row_step[2];
    for (int i = 0; i < 2; i++) {
        from[i] = windows[i]->from;
        row_step[i] = p->dilation_height * p->input_width * p->input_channels - row_bytes;
        if (!edgeq_window_is_inside(p, windows[i])) {
            int8_t *const copy = copies + i * ((p->depth + 3) & ~3);
            edgeq_window_copy(p, windows[i], copy);
            from[i] = copy;
            row_step[i] = 0;
        }
    }
    const int8_t *a = from[0], *b = from[1];
    for (int32_t row = 0; row < p->kernel_height; row++, a += row_step[0], b += row_step[1]) {
        for (const int8_t *const end = a + row_bytes; a != end; words += step) {
            *words = (uint32_t)(int32_t)*a++ + ((uint32_t)(int32_t)*b++ << 16);
        }
    }
}

/* The next window in the order of outputs. */
EDGEQ_INLINE void edgeq_window_advance(const edgeq_conv_v7m_params *p, edgeq_window *window)
{
    window->left += p->stride_width;
    window->from += p->stride_width * p->input_channels;
    if (window->left + p->pad_left == p->output_width * p->stride_width) {
        window->left = -p->pad_left;
        window->top += p->stride_height;
        window->from += (p->stride_height * p->input_width - p->output_width * p->stride_width) * p->input_channels;
    }
}

/* The words of the 8 windows from `window` on, which moves behind them. */
static inline void edgeq_pack_block(const edgeq_conv_v7m_params *p, edgeq_window *window, uint32_t *words, int8_t *copies)
{
    const int32_t row_bytes = p->kernel_width * p->input_channels, step = p->stride_width * p->input_channels;
    const edgeq_window last = {window->from, window->top, window->left + 7 * p->stride_width};
    edgeq_window windows[8];
    edgeq_pack inside = {{0}, words, row_bytes, p->kernel_height,
                         p->dilation_height * p->input_width * p->input_channels - row_bytes};
    int whole = edgeq_window_is_inside(p, window) && edgeq_window_is_inside(p, &last) &&
                last.left + p->pad_left < p->output_width * p->stride_width;
    if (whole) { /* in one row */
        const int8_t *from = window->from;
        EDGEQ_UNROLLED
        for (int i = 0; i < 8; i++, from += step) {
            inside.from[i] = from;
        }
        *window = last;
        window->from = from - step;
        edgeq_window_advance(p, window);
    } else {
        whole = 1;
        EDGEQ_ROLLED
        for (int i = 0; i < 8; i++) {
            windows[i] = *window;
            inside.from[i] = window->from;
            whole &= edgeq_window_is_inside(p, window);
            edgeq_window_advance(p, window);
        }
    }
    if (whole) {
        edgeq_pack_8(&inside);
        return;
    }
    EDGEQ_ROLLED
    for (int i = 0; i < 4; i++) {
        edgeq_pack_windows(p, &windows[i], &windows[i + 4], words + i, 4, copies);
    }
}

/* Two pixels, or one where both windows are the same. */
static inline void edgeq_conv_two(const edgeq_conv_v7m_params *p, const uint32_t *words, int8_t *output, int32_t stride,
                                  edgeq_form form)
{
    const int8_t *weights = p->weights;
    const int32_t *bias = p->bias, *entry = p->requant;
    for (int32_t channel = 0; channel < p->output_channels; channel++, bias += 2, entry += EDGEQ_ENTRY(form)) {
        const edgeq_word_sums sums = edgeq_word_channel(words, 1, weights, &weights);
        output[stride] = edgeq_requantize((sums.high << 8) + (uint32_t)bias[1], entry, form);
        *output++ = edgeq_requantize((sums.low << 8) + (uint32_t)bias[0], entry, form);
    }
}

EDGEQ_INLINE void edgeq_conv_v7m(const edgeq_conv_v7m_params *p, const int8_t *input, int8_t *output, void *scratch,
                                 edgeq_form form)
{
    const int32_t pixels = p->output_height * p->output_width, channels = p->output_channels;
    uint32_t *const words = scratch;
    edgeq_segments all = {words, words + 4 * p->depth, p->weights, p->bias, p->requant, output, channels, output};
    int8_t *const copies = (int8_t *)(all.sums + 4 * (p->segments - 1));
    edgeq_window window = edgeq_window_of(p, input, 0);
    int32_t left = pixels;
    for (; left >= 8; left -= 8) {
        all.end = all.output + channels;
        edgeq_pack_block(p, &window, words, copies);
        edgeq_segments_8(&all, form);
        all.output += 8 * channels;
    }
    if (left > 2) { /* eight, some of them once more */
        window = edgeq_window_of(p, input, pixels - 8);
        all.output = output + (pixels - 8) * channels;
        all.end = all.output + channels;
        edgeq_pack_block(p, &window, words, copies);
        edgeq_segments_8(&all, form);
    } else if (left > 0) {
        const edgeq_window next = edgeq_window_of(p, input, pixels - 1);
        edgeq_pack_windows(p, &window, &next, words, 1, copies);
        edgeq_conv_two(p, words, all.output, (left - 1) * channels, form);
    }
    edgeq_bound(output, pixels * channels, p->output_min, p->output_max);
}

#endif

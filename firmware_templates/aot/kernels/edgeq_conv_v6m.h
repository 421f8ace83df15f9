/* The body of the convolution kernels for cores without 32-bit Thumb instructions and long products. */
#ifndef EDGEQ_CONV_V6M_H
#define EDGEQ_CONV_V6M_H

#include <stdint.h>

#include "edgeq_arith.h"
#include "edgeq_conv_v6m_params.h"
#include "edgeq_eights_v6m.h"
#include "edgeq_pack_v6m.h"

#define EDGEQ_EIGHT 8    /* pixels at once */
#define EDGEQ_SIXTEEN 16 /* channels whose weights for an input lie in a row */

/* Bytes of scratch: eight pixels' inputs, and the windows of two that do not lie in rows of the input. */
static inline int32_t edgeq_conv_v6m_scratch(const edgeq_conv_v6m_params *p)
{
    const int inside = p->kernel_height * p->kernel_width == 1 && p->groups == 1;
    return 2 * EDGEQ_EIGHT * p->depth + (inside ? 0 : 2 * ((p->depth + 3) & ~3));
}

/* A pixel of the output, and where its window begins. */
typedef struct {
    int32_t x, top, left;
} edgeq_pixel;

EDGEQ_INLINE void edgeq_next_pixel(const edgeq_conv_v6m_params *p, edgeq_pixel *pixel)
{
    pixel->left += p->stride_width;
    if (++pixel->x == p->output_width) {
        pixel->x = 0;
        pixel->left = -p->pad_left;
        pixel->top += p->stride_height;
    }
}

/* The inputs of a window: where its first row lies, and bytes from row to row. */
typedef struct {
    const int8_t *from;
    int32_t pitch;
} edgeq_window;

/* So many bytes, or the zero point where there are none. */
EDGEQ_OUTLINED int8_t *edgeq_copy_taps(const int8_t *from, int32_t count, int32_t zero_point, int8_t *to)
{
    if (from) {
        EDGEQ_ROLLED
        for (; count > 0; count--) {
            *to++ = *from++;
        }
    }
    EDGEQ_ROLLED
    for (; count > 0; count--) {
        *to++ = (int8_t)zero_point;
    }
    return to;
}

/* A window as it lies in the input, or copied to `patch`, with the zero point where it hangs over the edge. */
static inline edgeq_window edgeq_find_window(const edgeq_conv_v6m_params *p, const int8_t *input, int32_t top,
                                             int32_t left, int8_t *patch)
{
    const int32_t channels = p->input_channels, pitch = p->input_width * channels;
    const edgeq_window copied = {patch, p->row_bytes}, as_it_lies = {input + top * pitch + left * channels, pitch};
    if (p->contiguous && top >= 0 && left >= 0 && top + p->kernel_height <= p->input_height &&
        left + p->kernel_width <= p->input_width) {
        return as_it_lies;
    }
    for (int32_t rows = p->kernel_height; rows > 0; rows--, top += p->dilation_height) {
        const int outside = top < 0 || top >= p->input_height;
        const int8_t *from = input + top * pitch + left * channels;
        for (int32_t x = left, end = left + p->kernel_width * p->dilation_width; x < end;) {
            /* to the edge at once where a row is contiguous; else tap by tap */
            const int beyond = outside || x < 0 || x >= p->input_width;
            const int32_t edge = outside ? end : x < 0 ? 0 : x < p->input_width ? p->input_width : end;
            const int32_t step = p->contiguous ? (edge < end ? edge : end) - x : p->dilation_width;
            patch = edgeq_copy_taps(beyond ? 0 : from, p->contiguous ? step * channels : p->group_channels,
                                    p->input_zero_point, patch);
            from += step * channels;
            x += step;
        }
    }
    return copied;
}

/* The inputs of eight pixels, a pixel and the fourth after it in a word. Both go on by four pixels. */
static inline void edgeq_pack_eight(const edgeq_conv_v6m_params *p, const int8_t *input, edgeq_pixel *low,
                                    edgeq_pixel *high, uint32_t *words)
{
    int8_t *const patch = (int8_t *)(words + 4 * p->depth);
    for (int i = 0; i < 4; i++, words++) {
        edgeq_window a = edgeq_find_window(p, input, low->top, low->left, patch);
        edgeq_window b = edgeq_find_window(p, input, high->top, high->left, patch + ((p->depth + 3) & ~3));
        uint32_t *to = words;
        for (int32_t rows = p->kernel_height; rows > 0; rows--, a.from += a.pitch, b.from += b.pitch) {
            edgeq_pack(a.from, b.from, p->row_bytes, to);
            to += 4 * p->row_bytes;
        }
        edgeq_next_pixel(p, low);
        edgeq_next_pixel(p, high);
    }
}

/* The same where a window is a pixel, and all lie in a row. */
static inline void edgeq_pack_row(const edgeq_conv_v6m_params *p, const int8_t *from, uint32_t *words)
{
    EDGEQ_ROLLED
    for (int i = 0; i < 4; i++, from += p->input_channels) {
        edgeq_pack(from, from + 4 * p->input_channels, p->row_bytes, words + i);
    }
}

/* One group: blocks of eight pixels; the last begins before the one before has ended, where they are not whole. */
EDGEQ_INLINE void edgeq_conv_v6m_group(const edgeq_conv_v6m_params *p, const int8_t *input, int8_t *output,
                                       edgeq_eights *group, uint32_t *words, edgeq_form form)
{
    const int32_t pixels = p->output_height * p->output_width, channels = p->output_channels / p->groups;
    const int in_a_row = p->kernel_height * p->kernel_width * p->output_height == 1 && p->stride_width == 1 &&
                         p->input_width == p->output_width;
    edgeq_pixel high = {0, -p->pad_top, -p->pad_left};
    edgeq_eights block = *group;
    for (int32_t done = 0; done < pixels; done += EDGEQ_EIGHT) {
        const int is_last = pixels - done < EDGEQ_EIGHT;
        done = is_last ? pixels - EDGEQ_EIGHT : done;
        if (in_a_row) {
            edgeq_pack_row(p, input + done * p->input_channels, words);
        } else {
            edgeq_pixel low = high;
            if (is_last) {
                low.x = p->output_width - EDGEQ_EIGHT;
                low.top = (p->output_height - 1) * p->stride_height - p->pad_top;
                for (; low.x < 0; low.x += p->output_width) {
                    low.top -= p->stride_height;
                }
                low.left = low.x * p->stride_width - p->pad_left;
            }
            high = low;
            for (int i = 0; i < 4; i++) {
                edgeq_next_pixel(p, &high);
            }
            edgeq_pack_eight(p, input, &low, &high, words);
        }
        block = *group;
        block.output = output + done * p->output_channels;
        for (int32_t left = channels; left > 0; left -= EDGEQ_SIXTEEN, block.weights += EDGEQ_SIXTEEN * p->depth) {
            block.channels = left < EDGEQ_SIXTEEN ? left : EDGEQ_SIXTEEN;
            edgeq_eights_of(&block, form);
        }
    }
    *group = block;
}

EDGEQ_INLINE void edgeq_conv_v6m(const edgeq_conv_v6m_params *p, const int8_t *input, int8_t *output, void *scratch,
                                 edgeq_form form)
{
    uint32_t *const words = scratch;
    edgeq_eights group = {words, words + 4 * p->depth, p->weights, p->steps, p->requant, output,
                          0,     p->output_channels};
    for (int32_t g = 0; g < p->groups; g++) {
        edgeq_conv_v6m_group(p, input, output, &group, words, form);
        input += p->group_channels;
        output += p->output_channels / p->groups;
    }
}

#endif

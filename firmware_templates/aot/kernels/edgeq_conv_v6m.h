/* The body of the convolution kernels for cores without 32-bit Thumb instructions and long products. */
#ifndef EDGEQ_CONV_V6M_H
#define EDGEQ_CONV_V6M_H

#include <stdint.h>

#include "edgeq_arith.h"
#include "edgeq_conv_v6m_params.h"
#include "edgeq_eights_v6m.h"
#include "edgeq_pack_v6m.h"
#include "edgeq_requantize_v6m.h"

#define EDGEQ_EIGHT 8 /* pixels at once */

/* What sums begin with: of all inputs, and of each span if there are several. */
static inline int32_t edgeq_conv_v6m_begins(const edgeq_conv_v6m_params *p)
{
    return EDGEQ_FIVE * (p->span == p->depth ? 1 : 1 + (p->depth + p->span - 1) / p->span);
}

static inline int32_t edgeq_conv_v6m_words(const edgeq_conv_v6m_params *p)
{
    return edgeq_conv_v6m_begins(p) + EDGEQ_FIVE * p->depth;
}

/* Bytes of scratch: eight pixels' inputs, and a row of their windows where they do not lie in the input. */
static inline int32_t edgeq_conv_v6m_scratch(const edgeq_conv_v6m_params *p)
{
    const int inside = p->kernel_height * p->kernel_width == 1 && p->groups == 1;
    return 4 * edgeq_conv_v6m_words(p) + (inside ? 0 : EDGEQ_EIGHT * p->row_bytes);
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

/* A row of a window as it lies in the input, or copied, with the zero point where it hangs over the edge. */
static inline const int8_t *edgeq_find_row(const edgeq_conv_v6m_params *p, const int8_t *input, int32_t top, int32_t left,
                                           int8_t *patch)
{
    const int32_t channels = p->input_channels, end = left + p->kernel_width * p->dilation_width;
    const int outside = top < 0 || top >= p->input_height;
    const int8_t *from = input + (top * p->input_width + left) * channels;
    if (p->contiguous && !outside && left >= 0 && end <= p->input_width) {
        return from;
    }
    int8_t *to = patch;
    for (int32_t x = left; x < end;) {
        /* to the edge at once where a row is contiguous; else tap by tap */
        const int beyond = outside || x < 0 || x >= p->input_width;
        const int32_t edge = outside ? end : x < 0 ? 0 : x < p->input_width ? p->input_width : end;
        const int32_t step = p->contiguous ? (edge < end ? edge : end) - x : p->dilation_width;
        to = edgeq_copy_taps(beyond ? 0 : from, p->contiguous ? step * channels : p->group_channels,
                             p->input_zero_point, to);
        from += step * channels;
        x += step;
    }
    return patch;
}

/* Whether eight windows lie in the input, and in a row. */
static inline int edgeq_are_inside(const edgeq_conv_v6m_params *p, const edgeq_pixel *pixel)
{
    return p->contiguous && pixel->x + EDGEQ_EIGHT <= p->output_width && pixel->left >= 0 && pixel->top >= 0 &&
           pixel->left + (EDGEQ_EIGHT - 1) * p->stride_width + p->kernel_width <= p->input_width &&
           pixel->top + p->kernel_height <= p->input_height;
}

/* What is summed up in `sums` to what sums of products begin with: 128 was added to each weight. */
static inline void edgeq_begin(uint32_t *sums)
{
    for (int i = 0; i < EDGEQ_FIVE; i++) {
        sums[i] *= -128u;
    }
    sums[4] -= EDGEQ_DIGITS;
}

/* The inputs of eight pixels to words, behind what sums begin with. The pixel goes on by as many. */
static inline void edgeq_pack_eight(const edgeq_conv_v6m_params *p, const int8_t *input, edgeq_pixel *pixel,
                                    uint32_t *words)
{
    const int32_t begins = edgeq_conv_v6m_begins(p);
    uint32_t *const inputs = words + begins;
    edgeq_pixels pixels = {{0}, inputs, 0, 0, begins == EDGEQ_FIVE ? words : words + EDGEQ_FIVE};
    int8_t *const patches = (int8_t *)(inputs + EDGEQ_FIVE * p->depth);
    const int is_inside = edgeq_are_inside(p, pixel);
    edgeq_pixel at = *pixel;
    int32_t left = p->span;
    EDGEQ_ROLLED
    for (int32_t i = 0; i < begins; i++) {
        words[i] = 0;
    }
    for (int32_t row = 0; row < p->kernel_height; row++) {
        const int32_t top = pixel->top + row * p->dilation_height;
        at = *pixel;
        if (is_inside) {
            const int8_t *from = input + (top * p->input_width + pixel->left) * p->input_channels;
            for (int i = 0; i < EDGEQ_EIGHT; i++, from += p->stride_width * p->input_channels) {
                pixels.from[i] = from;
            }
            at.x += EDGEQ_EIGHT - 1;
            at.left += (EDGEQ_EIGHT - 1) * p->stride_width;
            edgeq_next_pixel(p, &at);
        } else {
            EDGEQ_ROLLED
            for (int i = 0; i < EDGEQ_EIGHT; i++) {
                pixels.from[i] = edgeq_find_row(p, input, at.top + top - pixel->top, at.left, patches + i * p->row_bytes);
                edgeq_next_pixel(p, &at);
            }
        }
        for (pixels.first = 0; pixels.first < p->row_bytes; pixels.first = pixels.end) {
            const int32_t more = p->row_bytes - pixels.first, count = more < left ? more : left;
            pixels.end = pixels.first + count;
            edgeq_pack_pixels(&pixels);
            pixels.words += EDGEQ_FIVE * count;
            left -= count;
            if (left == 0) {
                pixels.sums += EDGEQ_FIVE;
                left = p->span;
            }
        }
    }
    *pixel = at;
    for (uint32_t *sums = words + EDGEQ_FIVE; sums < inputs; sums += EDGEQ_FIVE) {
        for (int i = 0; i < EDGEQ_FIVE; i++) {
            words[i] += sums[i];
        }
        edgeq_begin(sums);
    }
    edgeq_begin(words);
}

/* One group: blocks of eight pixels; the last begins before the one before has ended, where they are not whole. */
EDGEQ_INLINE void edgeq_conv_v6m_group(const edgeq_conv_v6m_params *p, const int8_t *input, int8_t *output,
                                       edgeq_eights *group, uint32_t *words, edgeq_form form)
{
    const int32_t pixels = p->output_height * p->output_width;
    edgeq_pixel pixel = {0, -p->pad_top, -p->pad_left};
    for (int32_t done = 0; done < pixels; done += EDGEQ_EIGHT) {
        if (pixels - done < EDGEQ_EIGHT) {
            done = pixels - EDGEQ_EIGHT;
            pixel.x = p->output_width - EDGEQ_EIGHT;
            pixel.top = (p->output_height - 1) * p->stride_height - p->pad_top;
            for (; pixel.x < 0; pixel.x += p->output_width) {
                pixel.top -= p->stride_height;
            }
            pixel.left = pixel.x * p->stride_width - p->pad_left;
        }
        edgeq_pack_eight(p, input, &pixel, words);
        group->output = output + done * p->output_channels;
        edgeq_eights_of(group, form);
    }
}

EDGEQ_INLINE void edgeq_conv_v6m(const edgeq_conv_v6m_params *p, const int8_t *input, int8_t *output, void *scratch,
                                 edgeq_form form)
{
    uint32_t *const words = scratch;
    const int32_t channels = p->output_channels / p->groups, skip = -p->depth & (EDGEQ_SIXTEEN - 1);
    edgeq_eights group = {words + edgeq_conv_v6m_begins(p), words + edgeq_conv_v6m_words(p), 4 * EDGEQ_FIVE * p->span,
                          24 * skip, skip, p->weights, p->requant, output, p->output_channels, channels, words};
    for (int32_t g = 0; g < p->groups; g++) {
        edgeq_conv_v6m_group(p, input, output, &group, words, form);
        group.weights += channels * p->depth;
        group.requant += channels * EDGEQ_ROW(form);
        input += p->group_channels;
        output += channels;
    }
}

#endif

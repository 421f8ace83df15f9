/* The body of the convolution kernels for cores with the DSP extension. */
#ifndef EDGEQ_CONV_DSP_H
#define EDGEQ_CONV_DSP_H

#include <stdint.h>

#include "edgeq_arith.h"
#include "edgeq_conv.h"
#include "edgeq_dsp.h"
#include "edgeq_gather_dsp.h"
#include "edgeq_conv_params.h"
#include "edgeq_pairs_dsp.h"

/* Bytes of scratch: four pixels' inputs as halfwords, and room to gather one pixel's bytes. */
static inline int32_t edgeq_conv_dsp_scratch(const edgeq_conv_params *p)
{
    return 8 * p->depth + (edgeq_conv_is_direct(p) ? 0 : p->depth + 4);
}

/* Sums and outputs of `pixels` pixels for channels from `channel` on; inputs are [depth / 2][pixels] words. What
 * the assembly does not do: the exact form, and the odd last channel. */
static inline void edgeq_conv_rest(const edgeq_conv_params *p, const uint32_t *inputs, int32_t pixels,
                                   const edgeq_filters *filters, int32_t channel, int8_t *output, edgeq_form form)
{
    const int16_t *weights = filters->weights + channel / 2 * p->depth;
    for (; channel < filters->channels; channel += 2, weights += p->depth) {
        for (int32_t i = 0; i < pixels; i++) {
            uint32_t even = (uint32_t)filters->bias[channel];
            uint32_t odd = (uint32_t)filters->bias[channel + 1];
            const uint32_t *input = inputs + i;
            for (int32_t k = 0; k < p->depth; k += 2, input += pixels) {
                const uint32_t both = edgeq_load_word(weights + k);
                even = edgeq_smlad(edgeq_widen_02(both), *input, even);
                odd = edgeq_smlad(form == EDGEQ_EXACT ? edgeq_widen_13(both) : both, *input, odd);
            }
            edgeq_conv_store(p, even, odd, filters->requant + channel * EDGEQ_ENTRY(form),
                             filters->channels - channel, output + i * p->output_channels + channel, form);
        }
    }
}

/* All channels of a group for 4 pixels or one. */
EDGEQ_INLINE void edgeq_conv_pixels(const edgeq_conv_params *p, const uint32_t *inputs, int32_t pixels,
                                    const edgeq_filters *filters, int8_t *output, edgeq_form form)
{
    int32_t done = 0;
    if (form != EDGEQ_EXACT && filters->channels > 1) {
        done = filters->channels & ~1;
        const edgeq_pairs pairs = {inputs, filters->weights, filters->bias, filters->requant, output,
                                   pixels == 4 ? p->output_channels : 16, p->depth, done / 2};
        if (pixels == 4) {
            edgeq_pairs_4(&pairs, form);
        } else {
            edgeq_pairs_1(&pairs, form);
        }
    }
    if (done < filters->channels) {
        edgeq_conv_rest(p, inputs, pixels, filters, done, output, form);
    }
}

/* Where the kernel stands: the input under its first tap, were it not cut off; positions left in the row. Where pixels are
 * read as they lie, one behind the other, all of them are one row. */
typedef struct {
    edgeq_gather_rows rows; /* from there, into the words */
    int32_t top, left, columns;
    int32_t row_step; /* in bytes, beside that to the next position, to the next row */
    int direct;
} edgeq_conv_place;

static inline edgeq_conv_place edgeq_conv_first(const edgeq_conv_params *p, const int8_t *input, uint32_t *words)
{
    const int32_t pitch = p->input_width * p->input_channels, step = p->stride_width * p->input_channels;
    const int32_t whole = p->row_bytes & ~3, rows = p->kernel_height;
    const int32_t row_step = p->stride_height * pitch - p->output_width * step;
    edgeq_conv_place place = {{input - p->pad_top * pitch - p->pad_left * p->input_channels, words,
                               (int8_t *)(words + 2 * p->depth), whole, p->row_bytes - whole, pitch - p->row_bytes,
                               rows, p->depth - rows * whole, step, 1},
                              -p->pad_top,
                              -p->pad_left,
                              p->output_width,
                              row_step,
                              edgeq_conv_is_direct(p)};
    if (place.direct && row_step == 0) {
        place.columns *= p->output_height;
    }
    return place;
}

EDGEQ_INLINE void edgeq_conv_advance(const edgeq_conv_params *p, edgeq_conv_place *place, int32_t columns)
{
    place->rows.from += columns * place->rows.step;
    place->left += columns * p->stride_width;
    place->columns -= columns;
    if (place->columns == 0) {
        place->columns = p->output_width;
        place->left = -p->pad_left;
        place->top += p->stride_height;
        place->rows.from += place->row_step;
    }
}

/* Whether the next positions are in one row, and none hangs over an edge. */
EDGEQ_INLINE int edgeq_conv_is_inside(const edgeq_conv_params *p, const edgeq_conv_place *place, int32_t positions)
{
    if (place->columns < positions || place->direct) {
        return place->columns >= positions;
    }
    return p->contiguous && place->left >= 0 &&
           place->left + (positions - 1) * p->stride_width + p->kernel_width <= p->input_width && place->top >= 0 &&
           place->top + p->kernel_height <= p->input_height;
}

/* The inputs of the next `count` positions, to words 4 apart. */
static inline void edgeq_conv_gather(const edgeq_conv_params *p, const int8_t *input, edgeq_conv_place *place,
                                     int32_t count, uint32_t *words)
{
    const int32_t step = edgeq_conv_is_inside(p, place, count) ? count : 1;
    EDGEQ_ROLLED
    for (int32_t i = 0; i < count; i += step) {
        if (step > 1 || edgeq_conv_is_inside(p, place, 1)) {
            place->rows.words = words + i;
            place->rows.positions = step;
            edgeq_gather_inside_dsp(&place->rows);
        } else {
            edgeq_gather_dsp(p, input, place->top, place->left, place->rows.patch, words + i);
        }
        edgeq_conv_advance(p, place, step);
    }
}

EDGEQ_INLINE void edgeq_conv_group(const edgeq_conv_params *p, const int8_t *input, const edgeq_filters *filters,
                                   int8_t *output, uint32_t *words, edgeq_form form)
{
    edgeq_conv_place place = edgeq_conv_first(p, input, words);
    int32_t pixels = p->output_height * p->output_width;
    while (pixels > 0) {
        const int32_t count = pixels >= 4 ? 4 : 1;
        edgeq_conv_gather(p, input, &place, count, words);
        if (count == 1) {
            for (int32_t k = 1; k < p->depth / 2; k++) {
                words[k] = words[4 * k];
            }
        }
        edgeq_conv_pixels(p, words, count, filters, output, form);
        output += count * p->output_channels;
        pixels -= count;
    }
}

EDGEQ_INLINE void edgeq_conv_dsp(const edgeq_conv_params *p, const int8_t *input, int8_t *output, void *scratch,
                                 edgeq_form form)
{
    const int32_t channels = p->output_channels / p->groups;
    const int32_t pairs = (channels + 1) / 2;
    for (int32_t group = 0; group < p->groups; group++) {
        const edgeq_filters filters = {
            p->weights + group * pairs * p->depth,
            p->bias + group * pairs * 2,
            p->requant + group * channels * EDGEQ_ENTRY(form),
            channels,
        };
        edgeq_conv_group(p, input + group * p->group_channels, &filters, output + group * channels,
                         (uint32_t *)scratch, form);
    }
    edgeq_conv_bound(p, output, form);
}

#endif

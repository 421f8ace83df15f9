/* The body of the 16x8 convolutions. */
#ifndef EDGEQ_CONV_S16_H
#define EDGEQ_CONV_S16_H

#include "edgeq_conv_s16_params.h"
#include "edgeq_mem.h"
#include "edgeq_requant_s16.h"

/* Bytes of scratch: the inputs under one position of the kernel, unless they are read where they lie. */
static inline int32_t edgeq_conv_s16_scratch(const edgeq_conv_s16_params *p)
{
    return p->kernel_height * p->kernel_width == 1 && p->depth == p->input_channels ? 0 : 2 * p->depth;
}

/* Copies values, or zeros where there are none, and gives the place behind them. */
static inline int16_t *edgeq_copy_s16(int16_t *to, const int16_t *from, int32_t count)
{
    if (from == NULL) {
        EDGEQ_ROLLED
        for (; count > 0; count--) {
            *to++ = 0;
        }
    } else if (count < 8) { /* no call for a few */
        EDGEQ_ROLLED
        for (; count > 0; count--) {
            *to++ = *from++;
        }
    } else {
        memcpy(to, from, (size_t)count * sizeof(int16_t));
        to += count;
    }
    return to;
}

/* The inputs of a group under the kernel at `top` and `left`, 0 beside the image and up to the depth; `input` is the
   group's first. */
static inline void edgeq_gather_s16(const edgeq_conv_s16_params *p, const int16_t *input, int32_t top, int32_t left,
                                    int16_t *patch)
{
    int16_t *const end = patch + p->depth;
    const int contiguous = p->groups == 1 && p->dilation_width == 1;
    for (int32_t i = 0; i < p->kernel_height; i++, top += p->dilation_height) {
        const int16_t *row = NULL; /* beside the image */
        if (top >= 0 && top < p->input_height) {
            row = input + top * p->input_width * p->input_channels;
        }
        int32_t x = left;
        for (int32_t taps = p->kernel_width; taps > 0;) {
            int32_t run = 1;
            const int beside = row == NULL || x < 0 || x >= p->input_width;
            if (contiguous && !beside) { /* taps that lie side by side */
                run = p->input_width - x < taps ? p->input_width - x : taps;
            }
            patch = edgeq_copy_s16(patch, beside ? NULL : row + x * p->input_channels, run * p->group_channels);
            taps -= run;
            x += run * p->dilation_width;
        }
    }
    (void)edgeq_copy_s16(patch, NULL, (int32_t)(end - patch));
}

/* The sums of one patch by two channels' weights. */
typedef void (*edgeq_sums_s16)(const int16_t *patch, const int8_t *first, const int8_t *second, int32_t depth,
                               int64_t *sums);

EDGEQ_INLINE void edgeq_conv_s16(const edgeq_conv_s16_params *p, const int16_t *input, int16_t *output, void *scratch,
                                 edgeq_sums_s16 sums_of, edgeq_rounding rounding)
{
    const int direct = edgeq_conv_s16_scratch(p) == 0;
    const int32_t channels = p->output_channels / p->groups;
    int32_t top = -p->pad_top;
    for (int32_t y = 0; y < p->output_height; y++, top += p->stride_height) {
        int32_t left = -p->pad_left;
        for (int32_t x = 0; x < p->output_width; x++, left += p->stride_width) {
            const int8_t *weights = p->weights;
            const int32_t *entry = p->channels;
            for (int32_t group = 0; group < p->groups; group++) {
                const int16_t *patch = (const int16_t *)scratch;
                if (direct) {
                    patch = input + (top * p->input_width + left) * p->input_channels;
                } else {
                    edgeq_gather_s16(p, input + group * p->group_channels, top, left, (int16_t *)scratch);
                }
                for (int32_t c = 0; c < channels; c += 2) {
                    const int32_t both = c + 1 < channels;
                    int64_t sums[2];
                    sums_of(patch, weights, weights + both * p->depth, p->depth, sums);
                    for (int32_t i = 0; i <= both; i++) {
                        const int32_t value = edgeq_requantize_s16(sums[i], entry, p->wraps, rounding);
                        *output++ = (int16_t)edgeq_clamp(value, p->output_min, p->output_max);
                        entry += EDGEQ_ENTRY_S16;
                        weights += p->depth;
                    }
                }
            }
        }
    }
}

#endif

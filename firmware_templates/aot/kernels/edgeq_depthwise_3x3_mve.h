/* The body of the depthwise kernels of 3x3 for Helium: bands of one or two lines of outputs, 16 channels at a time. */
#ifndef EDGEQ_DEPTHWISE_3X3_MVE_H
#define EDGEQ_DEPTHWISE_3X3_MVE_H

#include <stdint.h>

#include "edgeq_arith.h"
#include "edgeq_depthwise_3x3_mve_params.h"
#include "edgeq_mve.h"
#include "edgeq_patches_mve.h"

#define EDGEQ_POSITION 64 /* bytes of 16 channels of 4 lines */
#define EDGEQ_FILTER 28   /* bytes of one channel's */

/* The four lines under the band of outputs that begins at `across`, positions inside of the input only. */
static inline void edgeq_lay_band(const edgeq_depthwise_3x3_mve_params *p, const int8_t *input, const int8_t *outside,
                                  int32_t across, int32_t channels, int8_t *laid)
{
    const int32_t room = p->positions - p->pad_along;
    edgeq_lines lines = {.to = laid + p->pad_along * EDGEQ_POSITION, .channels = channels};
    lines.positions = p->input_along < room ? p->input_along : room;
    for (int32_t i = 0; i < 4; i++) {
        const int32_t y = across * p->stride - p->pad_across + i;
        const int inside = y >= 0 && y < p->input_across;
        lines.from[i] = inside ? input + y * p->input_pitch : outside;
        lines.step[i] = inside ? p->input_step : 0;
    }
    edgeq_lay_lines(&lines);
}

/* How patches go along: with strides of 1 each is two positions of two lines of outputs, with strides of 2 four of them are
 * four positions of one line. Where the outputs are no multiple of that, the second ones overlap the first. */
static inline edgeq_patches edgeq_patches_along(const edgeq_depthwise_3x3_mve_params *p)
{
    edgeq_patches patches = {.channels = 0};
    const int32_t outputs = p->stride == 1 ? 2 : 4;
    patches.more = (p->output_along - 1) / outputs;
    const int32_t second = p->output_along - outputs * patches.more;
    const int32_t last = p->stride == 1 ? 0 : 6 * EDGEQ_POSITION; /* the last of four patches */
    patches.next = (second * p->stride - 2) * EDGEQ_POSITION - last;
    patches.forth = second * p->output_step;
    patches.along = outputs * p->output_step;
    patches.back = 4 - last - patches.next - patches.more * outputs * p->stride * EDGEQ_POSITION;
    for (int32_t i = 0; i < 4; i++) {
        patches.offsets[i] = p->stride == 2 ? i * p->output_step : (i & 1) * p->output_pitch + (i >> 1) * p->output_step;
    }
    return patches;
}

EDGEQ_INLINE void edgeq_patches_mve(edgeq_patches *patches, int32_t stride, edgeq_form form)
{
    if (stride == 1) {
        if (form == EDGEQ_SIGNED) {
            edgeq_patches_1_signed(patches);
        } else {
            edgeq_patches_1_fast(patches);
        }
    } else if (form == EDGEQ_SIGNED) {
        edgeq_patches_2_signed(patches);
    } else {
        edgeq_patches_2_fast(patches);
    }
}

EDGEQ_INLINE void edgeq_depthwise_3x3_mve(const edgeq_depthwise_3x3_mve_params *p, const int8_t *input, int8_t *output,
                                          void *scratch, edgeq_form form)
{
    int8_t *const outside = (int8_t *)scratch, *const laid = outside + EDGEQ_VECTOR;
    const int32_t lines = p->stride == 1 ? 2 : 1; /* of outputs in a band */
    edgeq_patches patches = edgeq_patches_along(p);
    edgeq_fill_mve(outside, p->input_zero_point, EDGEQ_VECTOR + p->positions * EDGEQ_POSITION);
    for (int32_t channel = 0; channel < p->channels; channel += 16) {
        const int32_t channels = p->channels - channel < 16 ? p->channels - channel : 16;
        for (int32_t band = 0; band < p->output_across; band += lines) {
            /* The last band of an odd number goes over the line before again. */
            const int32_t across = band + lines > p->output_across ? p->output_across - lines : band;
            edgeq_lay_band(p, input + channel, outside, across, channels, laid);
            patches.laid = laid;
            patches.output = output + channel + across * p->output_pitch;
            patches.filters = p->filters + channel * EDGEQ_FILTER;
            patches.channels = channels;
            edgeq_patches_mve(&patches, p->stride, form);
        }
    }
    edgeq_bound_mve(output, p->output_along * p->output_across * p->channels, p->output_min, p->output_max);
}

#endif

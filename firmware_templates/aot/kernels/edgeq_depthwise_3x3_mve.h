/* The body of the depthwise kernels of 3x3 for Helium: bands of two lines of outputs, 16 channels at a time. */
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
    const int32_t room = p->output_along + 2 - p->pad_along;
    edgeq_lines lines = {.to = laid + p->pad_along * EDGEQ_POSITION, .channels = channels};
    lines.positions = p->input_along < room ? p->input_along : room;
    for (int32_t i = 0; i < 4; i++) {
        const int32_t y = across - p->pad_across + i;
        const int inside = y >= 0 && y < p->input_across;
        lines.from[i] = inside ? input + y * p->input_pitch : outside;
        lines.step[i] = inside ? p->input_step : 0;
    }
    edgeq_lay_lines(&lines);
}

EDGEQ_INLINE void edgeq_depthwise_3x3_mve(const edgeq_depthwise_3x3_mve_params *p, const int8_t *input, int8_t *output,
                                          void *scratch, edgeq_form form)
{
    int8_t *const outside = (int8_t *)scratch, *const laid = outside + EDGEQ_VECTOR;
    const int32_t odd = p->output_along & 1;
    edgeq_fill_mve(outside, p->input_zero_point, EDGEQ_VECTOR + (p->output_along + 2) * EDGEQ_POSITION);
    for (int32_t channel = 0; channel < p->channels; channel += 16) {
        const int32_t channels = p->channels - channel < 16 ? p->channels - channel : 16;
        for (int32_t band = 0; band < p->output_across; band += 2) {
            /* The last band of an odd number goes over the line before again. */
            const int32_t across = band + 2 > p->output_across ? p->output_across - 2 : band;
            edgeq_patches patches = {
                .patch = laid,
                .output = output + channel + across * p->output_pitch,
                .filters = p->filters + channel * EDGEQ_FILTER,
                .channels = channels,
                .more = (p->output_along - 1) / 2,
                .next_patch = (2 - odd) * EDGEQ_POSITION, /* so that the last patch ends with the line */
                .next_output = (2 - odd) * p->output_step,
                .along = 2 * p->output_step,
                .offsets = {0, p->output_pitch, p->output_step, p->output_pitch + p->output_step},
            };
            edgeq_lay_band(p, input + channel, outside, across, channels, laid);
            if (form == EDGEQ_SIGNED) {
                edgeq_patches_signed(&patches);
            } else {
                edgeq_patches_fast(&patches);
            }
        }
    }
    edgeq_bound_mve(output, p->output_along * p->output_across * p->channels, p->output_min, p->output_max);
}

#endif

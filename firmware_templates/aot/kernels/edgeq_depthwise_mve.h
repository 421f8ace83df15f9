/* The body of the depthwise kernels of any shape for Helium. */
#ifndef EDGEQ_DEPTHWISE_MVE_H
#define EDGEQ_DEPTHWISE_MVE_H

#include <stdint.h>

#include "edgeq_arith.h"
#include "edgeq_depthwise_mve_params.h"
#include "edgeq_mve.h"
#include "edgeq_sixteens_mve.h"

/* For every tap, where its channels lie; outside of the input they are a pixel of zero points. */
static inline void edgeq_taps_mve(const edgeq_depthwise_mve_params *p, const int8_t *input, int32_t top, int32_t left,
                                  const int8_t *outside, const int8_t **taps)
{
    EDGEQ_ROLLED
    for (int32_t rows = p->kernel_height; rows > 0; rows--, top += p->dilation_height) {
        const int8_t *const row = input + top * p->input_width * p->input_channels;
        int32_t x = left;
        EDGEQ_ROLLED
        for (int32_t columns = p->kernel_width; columns > 0; columns--, x += p->dilation_width) {
            const int inside = top >= 0 && top < p->input_height && x >= 0 && x < p->input_width;
            *taps++ = inside ? row + x * p->input_channels : outside;
        }
    }
}

/* The taps of the next pixel, where none of both pixels' is outside of the input. */
static inline void edgeq_move_taps(const int8_t **taps, int32_t count, int32_t step)
{
    uint32_t *const words = (uint32_t *)taps;
    for (int32_t i = 0; i < count; i += 4) {
        const mve_pred16_t some = vctp32q((uint32_t)(count - i));
        vstrwq_p_u32(words + i, vaddq_n_u32(vldrwq_z_u32(words + i, some), (uint32_t)step), some);
    }
}

EDGEQ_INLINE void edgeq_depthwise_mve(const edgeq_depthwise_mve_params *p, const int8_t *input, int8_t *output,
                                      void *scratch, edgeq_form form)
{
    const int32_t pairs = (p->kernel_height * p->kernel_width + 1) / 2;
    const int8_t **const taps = (const int8_t **)scratch;
    int8_t *const outside = (int8_t *)(taps + 2 * pairs);
    const int32_t step = p->stride_width * p->input_channels;
    edgeq_sixteens sixteens = {.taps = taps, .filters = p->filters, .output = output, .channels = p->input_channels};
    sixteens.pairs = pairs;
    edgeq_fill_mve(outside, p->input_zero_point, p->input_channels);
    taps[2 * pairs - 1] = outside; /* the partner of an odd last tap has weights of zero */
    int32_t top = -p->pad_top;
    for (int32_t y = 0; y < p->output_height; y++, top += p->stride_height) {
        const int32_t bottom = top + (p->kernel_height - 1) * p->dilation_height;
        int32_t left = -p->pad_left;
        int along = 0; /* whether the taps of the pixel before were all inside of the input */
        for (int32_t x = 0; x < p->output_width; x++, left += p->stride_width) {
            const int32_t right = left + (p->kernel_width - 1) * p->dilation_width;
            const int inside = top >= 0 && bottom < p->input_height && left >= 0 && right < p->input_width;
            if (along && inside) {
                edgeq_move_taps(taps, p->kernel_height * p->kernel_width, step);
            } else {
                edgeq_taps_mve(p, input, top, left, outside, taps);
            }
            along = inside;
            if (form == EDGEQ_SIGNED) {
                edgeq_sixteens_signed(&sixteens);
            } else {
                edgeq_sixteens_fast(&sixteens);
            }
            sixteens.output += p->input_channels;
        }
    }
    edgeq_bound_mve(output, p->output_height * p->output_width * p->input_channels, p->output_min, p->output_max);
}

#endif

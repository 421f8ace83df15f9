/* The body of the depthwise 3x3 kernels. */
#ifndef EDGEQ_DEPTHWISE_3X3_H
#define EDGEQ_DEPTHWISE_3X3_H

#include <stdint.h>

#include "edgeq_arith.h"
#include "edgeq_kernels_mac.h"

EDGEQ_INLINE void edgeq_depthwise_3x3(const edgeq_depthwise_params *p, const int8_t *input, int8_t *output,
                                      uint32_t *scratch, edgeq_form form)
{
    const int32_t channels = p->input_channels * p->multiplier;
    (void)scratch;
    for (int32_t y = 0; y < p->output_height; y++) {
        for (int32_t x = 0; x < p->output_width; x++) {
            for (int32_t c = 0; c < channels; c++) {
                const int8_t *const weights = p->weights + 12 * c;
                uint32_t sum = (uint32_t)p->bias[c];
                for (int32_t ky = 0; ky < 3; ky++) {
                    const int32_t iy = y * p->stride_height - p->pad_top + ky;
                    for (int32_t kx = 0; kx < 3; kx++) {
                        const int32_t ix = x * p->stride_width - p->pad_left + kx;
                        const int inside = iy >= 0 && iy < p->input_height && ix >= 0 && ix < p->input_width;
                        const int32_t value =
                            inside ? input[(iy * p->input_width + ix) * p->input_channels + c / p->multiplier]
                                   : p->input_zero_point;
                        sum = edgeq_mac(sum, weights[4 * kx + ky + (ky == 2)], value);
                    }
                }
                *output++ = edgeq_requantize(sum << 8, p->requant + 4 * c, form);
            }
        }
    }
}

#endif

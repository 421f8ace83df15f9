/* The body of the convolution kernels by bands for Helium: the lines under a row of outputs, [row of the kernel][sixteen
 * channels][pixel][16], and four pixels' windows at once from them. */
#ifndef EDGEQ_CONV_BANDS_MVE_H
#define EDGEQ_CONV_BANDS_MVE_H

#include <stdint.h>

#include "edgeq_arith.h"
#include "edgeq_bands_mve.h"
#include "edgeq_conv_bands_mve_params.h"
#include "edgeq_mve.h"

/* Sixteen channels of pixels from `from` on, of which there may be less: what is behind them has weights of zero. */
static inline void edgeq_sixteen_of(const int8_t *from, int32_t step, int32_t channels, int32_t pixels, int8_t *to)
{
    __asm__ volatile("vctp.8 %[channels]\n\t"
                     "wls lr, %[pixels], 2f\n"
                     "1:\n\t"
                     "vpst\n\t"
                     "vldrbt.8 q0, [%[from]]\n\t"
                     "add %[from], %[from], %[step]\n\t"
                     "vstrb.8 q0, [%[to]], #16\n\t"
                     "le lr, 1b\n"
                     "2:"
                     : [from] "+r"(from), [to] "+r"(to)
                     : [channels] "r"(channels), [pixels] "r"(pixels), [step] "r"(step)
                     : "lr", "q0", "memory", "cc");
}

/* The band under row y of outputs. */
static inline void edgeq_band_mve(const edgeq_conv_bands_mve_params *p, const int8_t *input, int32_t y, int8_t *band)
{
    const int32_t bytes = p->line * EDGEQ_VECTOR, before = p->pad_left;
    const int32_t inside = p->input_width < p->line - before ? p->input_width : p->line - before;
    int32_t top = y * p->stride_height - p->pad_top;
    for (int32_t rows = p->kernel_height; rows > 0; rows--, top += p->dilation_height) {
        const int8_t *const from = input + top * p->input_width * p->input_channels;
        for (int32_t channel = 0; channel < p->input_channels; channel += EDGEQ_VECTOR, band += bytes) {
            if (top < 0 || top >= p->input_height) {
                edgeq_fill_mve(band, p->input_zero_point, bytes);
                continue;
            }
            edgeq_fill_mve(band, p->input_zero_point, before * EDGEQ_VECTOR);
            edgeq_sixteen_of(from + channel, p->input_channels, p->input_channels - channel, inside,
                             band + before * EDGEQ_VECTOR);
            edgeq_fill_mve(band + (before + inside) * EDGEQ_VECTOR, p->input_zero_point,
                           (p->line - before - inside) * EDGEQ_VECTOR);
        }
    }
}

EDGEQ_INLINE void edgeq_conv_bands_mve(const edgeq_conv_bands_mve_params *p, const int8_t *input, int8_t *output,
                                       int8_t *band, edgeq_form form)
{
    const int32_t channels = p->output_channels;
    edgeq_bands bands = {.steps = p->steps, .filters = p->filters};
    bands.left = (p->line - 3 * p->stride_width - 3) * EDGEQ_VECTOR;
    bands.end = p->filters + channels / 2 * p->block;
    for (int32_t i = 0; i < 4; i++) {
        bands.offsets[i] = i * channels;
    }
    for (int32_t y = 0; y < p->output_height; y++, output += p->output_width * channels) {
        edgeq_band_mve(p, input, y, band);
        for (int32_t four = 0; four < p->output_width; four += 4) {
            const int32_t x = four + 4 > p->output_width ? p->output_width - 4 : four; /* the last four goes back */
            bands.inputs = band + x * p->stride_width * EDGEQ_VECTOR;
            bands.output = output + x * channels;
            if (p->stride_width == 1) {
                if (form == EDGEQ_SIGNED) {
                    edgeq_bands_1_signed(&bands);
                } else {
                    edgeq_bands_1_fast(&bands);
                }
            } else if (form == EDGEQ_SIGNED) {
                edgeq_bands_2_signed(&bands);
            } else {
                edgeq_bands_2_fast(&bands);
            }
        }
    }
}

#endif

/* What the convolution kernels of every core share. */
#ifndef EDGEQ_CONV_H
#define EDGEQ_CONV_H

#include <stdint.h>

#include "edgeq_arith.h"
#include "edgeq_conv_params.h"

/* One group's filters. */
typedef struct {
    const int16_t *weights;
    const int32_t *bias;
    const int32_t *requant;
    int32_t channels;
} edgeq_filters;

/* Whether a pixel's inputs are those of the kernel as they lie. */
EDGEQ_INLINE int edgeq_conv_is_direct(const edgeq_conv_params *p)
{
    return p->kernel_height * p->kernel_width == 1 && p->group_channels == p->depth;
}

/* One pixel's two channels. */
EDGEQ_INLINE void edgeq_conv_store(const edgeq_conv_params *p, uint32_t even, uint32_t odd, const int32_t *entries,
                                   int32_t channels_left, int8_t *output, edgeq_form form)
{
    if (form == EDGEQ_EXACT) {
        output[0] = edgeq_requantize_exact(even, entries, p->output_zero_point, p->output_min, p->output_max);
        if (channels_left > 1) {
            output[1] = edgeq_requantize_exact(odd, entries + 8, p->output_zero_point, p->output_min, p->output_max);
        }
    } else {
        output[0] = edgeq_requantize(even << 8, entries, form);
        if (channels_left > 1) {
            output[1] = edgeq_requantize(odd - even, entries + EDGEQ_ENTRY(form), form);
        }
    }
}

/* Narrower bounds than int8's, but for the exact form, which keeps them itself. */
EDGEQ_INLINE void edgeq_conv_bound(const edgeq_conv_params *p, int8_t *output, edgeq_form form)
{
    if (form != EDGEQ_EXACT) {
        edgeq_bound(output, p->output_height * p->output_width * p->output_channels, p->output_min, p->output_max);
    }
}

#endif

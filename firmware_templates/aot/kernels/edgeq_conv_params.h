/* The parameters of the convolution kernels.
 *
 * Everything constant is prepared offline (edgeq/backends/aot/ops): the input zero point is folded into the bias,
 * weights are packed, requantization is a table. See docs/kernels.md.
 *
 * A kernel's name tells the cores that run it: "_plain" any, "_dsp" those with the DSP extension. "_s8" is int8 in,
 * int8 out; "_signed" where outputs lie on both sides of the zero point and need the sign's correction; "_exact" the
 * general arithmetic, for multipliers or accumulators out of the fast forms' range. How many bytes of scratch a kernel
 * takes says a function beside its body; where they are 0 it may be NULL.
 */
#ifndef EDGEQ_CONV_PARAMS_H
#define EDGEQ_CONV_PARAMS_H

#include <stdint.h>

#include "edgeq_size.h"

/* Convolution. Tensors are NHWC, batch 1. `depth` is kernel_height * row_bytes, rounded up to a multiple of
 * 4. The bounds of the output are applied behind the requantization, unless they are int8's own. */
typedef struct {
    const int16_t *weights; /* [group][pair of output channels][depth], two int8 a halfword; docs/kernels.md */
    const int32_t *bias;    /* [group][pair][2], zero point folded in, odd channel combined as the weights are */
    const int32_t *requant; /* [group][output channel] entries, see edgeq_arith.h */
    edgeq_size input_height, input_width, input_channels;
    edgeq_size output_height, output_width, output_channels;
    edgeq_size kernel_height, kernel_width;
    edgeq_size stride_height, stride_width;
    edgeq_size dilation_height, dilation_width;
    edgeq_size pad_top, pad_left;
    edgeq_size groups;
    edgeq_size group_channels; /* input_channels / groups */
    edgeq_size row_bytes;      /* kernel_width * group_channels */
    edgeq_size depth;
    int8_t contiguous; /* 1 where a kernel's row is contiguous in the input, and the rows adjacent */
    int8_t input_zero_point;
    int8_t output_zero_point; /* read by the exact form only */
    int8_t output_min, output_max;
} edgeq_conv_params;

#endif

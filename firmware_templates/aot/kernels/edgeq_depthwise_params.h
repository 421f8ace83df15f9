/* The parameters of the depthwise convolution kernels.
 *
 * Everything constant is prepared offline (edgeq/backends/aot/ops): the input zero point is folded into the bias,
 * weights are packed, requantization is a table. See docs/kernels.md.
 *
 * A kernel's name tells the cores that run it: "_plain" any, "_dsp" those with the DSP extension. "_s8" is int8 in,
 * int8 out; "_signed" where outputs lie on both sides of the zero point and need the sign's correction; "_exact" the
 * general arithmetic, for multipliers or accumulators out of the fast forms' range. How many bytes of scratch a kernel
 * takes says a function beside its body; where they are 0 it may be NULL.
 */
#ifndef EDGEQ_DEPTHWISE_PARAMS_H
#define EDGEQ_DEPTHWISE_PARAMS_H

#include <stdint.h>

#include "edgeq_size.h"

/* Depthwise convolution. output_channels = input_channels * multiplier. */
typedef struct {
    const int8_t *weights;  /* 3x3 form: [output channel][column] = {w0, w1, w1, w2}; else [tap][output channel] */
    const int32_t *bias;    /* [output channel], zero point folded in */
    const int32_t *requant; /* [output channel] entries */
    edgeq_size input_height, input_width, input_channels;
    edgeq_size output_height, output_width, multiplier;
    edgeq_size kernel_height, kernel_width;
    edgeq_size stride_height, stride_width;
    edgeq_size dilation_height, dilation_width;
    edgeq_size pad_top, pad_left;
    edgeq_size band, columns; /* 3x3 form: output rows from one filling of the scratch, its columns */
    int8_t transposed; /* 3x3 form, but for "_plain": whether what is called rows here are the columns of the tensors */
    int8_t input_zero_point;
    int8_t output_zero_point;
    int8_t output_min, output_max;
} edgeq_depthwise_params;

#endif

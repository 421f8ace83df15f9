/* The parameters of the convolution kernels for Helium. See edgeq/backends/aot/ops/conv_mve.py and docs/kernels.md. */
#ifndef EDGEQ_CONV_MVE_PARAMS_H
#define EDGEQ_CONV_MVE_PARAMS_H

#include <stdint.h>

/* Convolution. Tensors are NHWC, batch 1. The bounds of the output are applied behind the requantization. */
typedef struct {
    const int8_t *filters; /* [group][four of output channels], each as edgeq_quads_mve.h has it */
    int32_t input_height, input_width, input_channels;
    int32_t output_height, output_width, output_channels;
    int32_t kernel_height, kernel_width;
    int32_t stride_height, stride_width;
    int32_t dilation_height, dilation_width;
    int32_t pad_top, pad_left;
    int32_t groups;
    int32_t group_channels; /* input_channels / groups */
    int32_t row_bytes;      /* kernel_width * group_channels */
    int32_t pixels;         /* whose windows are copied together */
    int32_t line;           /* pixels of the input's row under them; 0 where windows are pixels of the input as they lie */
    int32_t depth;          /* kernel_height * row_bytes, rounded up to a multiple of 16 */
    int32_t input_zero_point;
    int32_t output_min, output_max;
} edgeq_conv_mve_params;

#endif

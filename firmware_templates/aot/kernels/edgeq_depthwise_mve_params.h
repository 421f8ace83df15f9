/* The parameters of the depthwise kernels of any shape for Helium. See edgeq/backends/aot/ops/depthwise_mve.py. */
#ifndef EDGEQ_DEPTHWISE_MVE_PARAMS_H
#define EDGEQ_DEPTHWISE_MVE_PARAMS_H

#include <stdint.h>

/* Depthwise convolution with one filter a channel. */
typedef struct {
    const int8_t *filters; /* sixteen channels as edgeq_sixteens_mve.h has them */
    int32_t input_height, input_width, input_channels;
    int32_t output_height, output_width;
    int32_t kernel_height, kernel_width;
    int32_t stride_height, stride_width;
    int32_t dilation_height, dilation_width;
    int32_t pad_top, pad_left;
    int32_t input_zero_point;
    int32_t output_min, output_max;
} edgeq_depthwise_mve_params;

#endif

/* The parameters of the convolution kernels by bands for Helium. See edgeq/backends/aot/ops/conv_bands_mve.py. */
#ifndef EDGEQ_CONV_BANDS_MVE_PARAMS_H
#define EDGEQ_CONV_BANDS_MVE_PARAMS_H

#include <stdint.h>

/* Convolution with kernels three columns wide, without gaps between them, of stride 1 or 2 along a row; at least four
 * pixels in a row of outputs; an even number of output channels. */
typedef struct {
    const int8_t *filters; /* twos of output channels as edgeq_bands_mve.h has them */
    int32_t input_height, input_width, input_channels;
    int32_t output_height, output_width, output_channels;
    int32_t kernel_height;
    int32_t stride_height, stride_width;
    int32_t dilation_height;
    int32_t pad_top, pad_left;
    int32_t line;  /* pixels of the input under a row of outputs */
    int32_t steps; /* kernel_height times the sixteens of input channels */
    int32_t block; /* bytes of two channels' filters */
    int32_t input_zero_point;
    int32_t output_min, output_max;
} edgeq_conv_bands_mve_params;

#endif

/* The parameters of the convolution kernels for cores without 32-bit Thumb instructions and long products. */
#ifndef EDGEQ_CONV_V6M_PARAMS_H
#define EDGEQ_CONV_V6M_PARAMS_H

#include <stdint.h>

/* Convolution of at least eight pixels. Tensors are NHWC, batch 1. `depth` is kernel_height * row_bytes. */
typedef struct {
    const uint8_t *weights; /* [group][output channel][depth], each 128 more than it is */
    const int32_t *requant; /* [group][output channel] rows, see edgeq_requantize_v6m.h */
    int32_t input_height, input_width, input_channels;
    int32_t output_height, output_width, output_channels;
    int32_t kernel_height, kernel_width;
    int32_t stride_height, stride_width;
    int32_t dilation_height, dilation_width;
    int32_t pad_top, pad_left;
    int32_t groups;
    int32_t group_channels; /* input_channels / groups */
    int32_t row_bytes;      /* kernel_width * group_channels */
    int32_t contiguous;     /* 1 where a kernel's row is contiguous in the input, and the rows adjacent */
    int32_t depth;
    int32_t span; /* inputs whose sums are taken apart together: of the depth, or a multiple of 16 */
    int32_t input_zero_point;
} edgeq_conv_v6m_params;

#endif

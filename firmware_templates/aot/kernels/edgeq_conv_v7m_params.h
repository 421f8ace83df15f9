/* The parameters of the convolution kernels for Armv7-M without the DSP extension: docs/kernels.md says how they work. */
#ifndef EDGEQ_CONV_V7M_PARAMS_H
#define EDGEQ_CONV_V7M_PARAMS_H

#include <stdint.h>

/* One group, no dilation across, 8 pixels and more; NHWC, batch 1. Some outputs are written twice. */
typedef struct {
    const int8_t *weights;  /* [output channel]: segments, see edgeq_segments.h */
    const int32_t *bias;    /* [output channel][2]: of the low and of the high halfword, times 256 */
    const int32_t *requant; /* [output channel] entries, see edgeq_arith.h */
    int32_t input_height, input_width, input_channels;
    int32_t output_height, output_width, output_channels;
    int32_t kernel_height, kernel_width;
    int32_t stride_height, stride_width;
    int32_t dilation_height;
    int32_t pad_top, pad_left;
    int32_t depth;    /* inputs of a window */
    int32_t segments; /* of a channel, at most */
    int32_t input_zero_point;
    int32_t output_min, output_max;
} edgeq_conv_v7m_params;

#endif

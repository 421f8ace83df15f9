/* The parameters of the 16x8 convolutions: int16 in and out, int8 weights, everything symmetric. */
#ifndef EDGEQ_CONV_S16_PARAMS_H
#define EDGEQ_CONV_S16_PARAMS_H

#include <stdint.h>

/* Tensors are NHWC, batch 1. */
typedef struct {
    const int8_t *weights;   /* [output channel][depth], for the DSP extension each four in the order 0, 2, 1, 3 */
    const int32_t *channels; /* [output channel] entries, see edgeq_requant_s16.h */
    int32_t input_height, input_width, input_channels;
    int32_t output_height, output_width, output_channels;
    int32_t kernel_height, kernel_width;
    int32_t stride_height, stride_width;
    int32_t dilation_height, dilation_width;
    int32_t pad_top, pad_left;
    int32_t groups;
    int32_t group_channels; /* input_channels / groups */
    int32_t depth;          /* kernel_height * kernel_width * group_channels, for the DSP extension a multiple of 4 */
    int32_t wraps;          /* 1 where the reference adds in 32 bits */
    int32_t output_min, output_max;
} edgeq_conv_s16_params;

#endif

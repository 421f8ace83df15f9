/* The parameters of the 16x8 transposed convolutions. */
#ifndef EDGEQ_TRANSPOSE_CONV_S16_PARAMS_H
#define EDGEQ_TRANSPOSE_CONV_S16_PARAMS_H

#include <stdint.h>

/* Tensors are NHWC. */
typedef struct {
    const int8_t *weights;   /* [output channel][kernel_height][kernel_width][depth] */
    const int32_t *channels; /* [output channel] entries, see edgeq_requant_s16.h */
    int32_t batches, input_height, input_width, depth;
    int32_t output_height, output_width, output_channels;
    int32_t kernel_height, kernel_width, stride_height, stride_width, pad_height, pad_width;
    int32_t wraps; /* 1 where the reference adds in 32 bits */
    int32_t output_min, output_max;
} edgeq_transpose_conv_s16_params;

#endif

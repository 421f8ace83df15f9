/* The parameters of the convolution by Winograd's F(4x4, 3x3): docs/kernels.md says how, and why it is exact. */
#ifndef EDGEQ_WINOGRAD_PARAMS_H
#define EDGEQ_WINOGRAD_PARAMS_H

#include <stdint.h>

#include "edgeq_size.h"

/* 3x3, stride 1, no dilation, one group; NHWC, batch 1; input_channels a multiple of 4, output_channels of 2. */
typedef struct {
    const int8_t *weights;  /* [output channel][input channels / 4][tap][4]; stored: transformed, as scratch has them */
    const int32_t *bias;    /* [output channel], for inputs of which each is 128 more than it is; times 256 but for "_v6m" */
    const int32_t *requant; /* [output channel] entries, see edgeq_arith.h; "_v6m": edgeq_requantize_v6m.h */
    edgeq_size input_height, input_width, input_channels;
    edgeq_size output_height, output_width, output_channels;
    edgeq_size pad_top, pad_left;
    edgeq_size blocks; /* of four tiles, whose inputs are transformed before the filters are: more take fewer of those */
    edgeq_size carry;  /* bytes of scratch that hold an input row, so that outputs may lie over inputs; 0: they may not */
    int8_t stored;     /* whether filters are stored transformed */
    int8_t input_zero_point;
    int8_t output_min, output_max;
} edgeq_winograd_params;

#endif

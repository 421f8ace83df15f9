/* The parameters of the depthwise kernels of 3x3 for Helium. See edgeq/backends/aot/ops/depthwise_mve.py. */
#ifndef EDGEQ_DEPTHWISE_3X3_MVE_PARAMS_H
#define EDGEQ_DEPTHWISE_3X3_MVE_PARAMS_H

#include <stdint.h>

/* Depthwise convolution of 3x3, equal strides of 1 or 2. One axis of the image is gone along, the other one is across:
 * which, chooses the order of their numbers here and of the weights. With strides of 1 there are two outputs or more both
 * ways, with strides of 2 four along. */
typedef struct {
    const int8_t *filters; /* a channel as edgeq_patches_mve.h has it */
    int32_t channels;
    int32_t stride;
    int32_t positions;                   /* that are laid for a band */
    int32_t input_along, input_across;   /* positions */
    int32_t output_along, output_across;
    int32_t input_step, input_pitch;     /* bytes from a position to the next one, along and across */
    int32_t output_step, output_pitch;
    int32_t pad_along, pad_across;
    int32_t input_zero_point;
    int32_t output_min, output_max;
} edgeq_depthwise_3x3_mve_params;

#endif

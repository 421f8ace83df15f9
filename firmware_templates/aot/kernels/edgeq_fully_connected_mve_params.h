/* The parameters of the fully connected kernels for Helium. See edgeq/backends/aot/ops/fully_connected_mve.py. */
#ifndef EDGEQ_FULLY_CONNECTED_MVE_PARAMS_H
#define EDGEQ_FULLY_CONNECTED_MVE_PARAMS_H

#include <stdint.h>

/* Fully connected, rows of input_depth. */
typedef struct {
    const int8_t *filters; /* eights of output channels as edgeq_octets_mve.h has them */
    int32_t rows;
    int32_t input_depth;     /* as in memory */
    int32_t depth;           /* input_depth rounded up to a multiple of 16 */
    int32_t block;           /* bytes of eight channels' filters */
    int32_t output_channels;
    int32_t left, right;     /* shifts of the layer, the second one negative */
    int32_t middle;          /* read by the signed form only */
    int32_t output_min, output_max;
} edgeq_fully_connected_mve_params;

#endif

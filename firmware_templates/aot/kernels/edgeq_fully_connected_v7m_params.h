/* The parameters of the fully connected kernels for Armv7-M without the DSP extension: docs/kernels.md says how they work. */
#ifndef EDGEQ_FULLY_CONNECTED_V7M_PARAMS_H
#define EDGEQ_FULLY_CONNECTED_V7M_PARAMS_H

#include <stdint.h>

/* rows x input_depth inputs to rows x output_channels outputs. */
typedef struct {
    const uint8_t *weights; /* [eight output channels]: segments, see edgeq_octets.h */
    const int32_t *bias;    /* [output channel, by eights], times 256, in the order of edgeq_octets.h */
    const int32_t *requant; /* [output channel, by eights] entries, or one for all */
    int32_t rows;
    int32_t input_depth;
    int32_t output_channels;
    int32_t requant_stride; /* int32 elements to the next channel's entry */
    int32_t segments;       /* of eight channels, at most */
    int32_t output_min, output_max;
} edgeq_fully_connected_v7m_params;

#endif

/* The parameters of the fully connected kernels for cores without 32-bit Thumb instructions and long products. */
#ifndef EDGEQ_FULLY_CONNECTED_V6M_PARAMS_H
#define EDGEQ_FULLY_CONNECTED_V6M_PARAMS_H

#include <stdint.h>

/* Rows of input_depth bytes to rows of output_channels. */
typedef struct {
    const uint32_t *weights; /* [eights of output channels][depth][2], four channels a word, each 128 more than it is */
    const int32_t *bias;     /* [eights of output channels][8], zero point folded in */
    const int32_t *requant;  /* a row, or one an output channel: see edgeq_requantize_v6m.h */
    int32_t rows;
    int32_t input_depth;
    int32_t depth; /* a multiple of four */
    int32_t span;  /* inputs whose sums of products are taken apart together, a multiple of four */
    int32_t output_channels;
    int32_t requant_stride; /* words from a channel's row to the next one's */
} edgeq_fully_connected_v6m_params;

#endif

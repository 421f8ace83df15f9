/* The parameters of the depthwise 3x3 kernels for cores without 32-bit Thumb instructions and long products. */
#ifndef EDGEQ_DEPTHWISE_3X3_V6M_PARAMS_H
#define EDGEQ_DEPTHWISE_3X3_V6M_PARAMS_H

#include <stdint.h>

/* Strides 1 or 2; as many filters as channels. What is called rows here may be the columns of the tensors. */
typedef struct {
    const int8_t *weights;  /* [channel][3][3] */
    const int32_t *requant; /* [channel] rows, see edgeq_requantize_v6m.h */
    int32_t channels;
    int32_t input_height, input_width;
    int32_t output_height, output_width;
    int32_t stride;
    int32_t pad_top, pad_left;
    int32_t input_row, input_column;   /* bytes from one to the next */
    int32_t output_row, output_column;
    int32_t columns; /* of a row of a plane: see edgeq_plane.h */
    int32_t band;    /* output rows from one filling of the scratch */
    int32_t input_zero_point;
} edgeq_depthwise_3x3_v6m_params;

#endif

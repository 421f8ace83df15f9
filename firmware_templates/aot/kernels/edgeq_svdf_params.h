/* The parameters of the SVDF kernels. */
#ifndef EDGEQ_SVDF_PARAMS_H
#define EDGEQ_SVDF_PARAMS_H

#include <stdint.h>

/* Of every input a filter takes a feature and remembers the last ones; rank filters make an output. */
typedef struct {
    const int8_t *features; /* [units * rank][inputs] */
    const int32_t *offsets; /* [units * rank]: the input's zero point */
    const int16_t *times;   /* [units * rank][memory] */
    const int32_t *bias;    /* [units] */
    int32_t batch, inputs, units, rank, memory;
    int32_t feature_multiplier, feature_shift; /* shifts are to the left */
    int32_t multiplier, shift, zero_point;
} edgeq_svdf_params;

#endif

/* The parameters of the fully connected kernels.
 *
 * Everything constant is prepared offline (edgeq/backends/aot/ops): the input zero point is folded into the bias,
 * weights are packed, requantization is a table. See docs/kernels.md.
 *
 * A kernel's name tells the cores that run it: "_plain" any, "_dsp" those with the DSP extension. "_s8" is int8 in,
 * int8 out; "_signed" where outputs lie on both sides of the zero point and need the sign's correction; "_exact" the
 * general arithmetic, for multipliers or accumulators out of the fast forms' range. How many bytes of scratch a kernel
 * takes says a function beside its body; where they are 0 it may be NULL.
 */
#ifndef EDGEQ_FULLY_CONNECTED_PARAMS_H
#define EDGEQ_FULLY_CONNECTED_PARAMS_H

#include <stdint.h>

#include "edgeq_size.h"

/* Fully connected, rows of input_depth. */
typedef struct {
    const int16_t *weights; /* by pairs of output channels as a convolution's; "_dsp": edgeq_quads.h */
    const int32_t *bias;    /* [pair][2]; "_dsp": an even number of pairs */
    const int32_t *requant; /* one entry a channel, or a single one; "_dsp": fours, or a single four */
    edgeq_size rows;
    edgeq_size input_depth;    /* as in memory */
    edgeq_size depth;          /* input_depth rounded up to a multiple of 4 */
    edgeq_size output_channels;
    edgeq_size requant_stride; /* int32 elements from one channel's entry to the next; 0: one entry for all */
    int8_t output_min, output_max;
} edgeq_fully_connected_params;

#endif

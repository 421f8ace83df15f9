/* The padded rows of a depthwise convolution of 3x3, two by two. */
#ifndef EDGEQ_GATHER_PAIRS_DSP_H
#define EDGEQ_GATHER_PAIRS_DSP_H

#include <stdint.h>

#include "edgeq_depthwise_params.h"

/* Pairs of padded rows from the padded row `top` on, of up to four channels from `input` on, to words of
 * [pair][column][EDGEQ_LANES]. */
void edgeq_gather_pairs_dsp(const edgeq_depthwise_params *p, const int8_t *input, int32_t lanes, int32_t top,
                            int32_t pairs, uint32_t *words);

#endif

/* The inputs under one position of a convolution's kernel, as bytes. */
#ifndef EDGEQ_GATHER_PLAIN_H
#define EDGEQ_GATHER_PLAIN_H

#include <stdint.h>

#include "edgeq_conv_params.h"

/* Writes the inputs under the kernel whose first tap lies at (top, left), to patch: rows, columns, channels of the
 * group that `input` starts with; the zero point where the kernel hangs over the edge (the bias counts on it). Behind
 * them, up to p->depth, stays what was there: the weights are zero. */
void edgeq_gather_plain(const edgeq_conv_params *p, const int8_t *input, int32_t top, int32_t left, int8_t *patch);

#endif

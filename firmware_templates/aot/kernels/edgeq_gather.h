/* The inputs under one position of a convolution's kernel. */
#ifndef EDGEQ_GATHER_H
#define EDGEQ_GATHER_H

#include <stdint.h>

#include "edgeq_kernels_mac.h"

/* Writes the inputs under the kernel whose first tap lies at (top, left), to patch: rows, columns, channels of the
 * group that `input` starts with; the zero point where the kernel hangs over the edge (the bias counts on it). Behind
 * them, up to p->depth, stays what was there: the weights are zero. */
void edgeq_gather(const edgeq_conv_params *p, const int8_t *input, int32_t top, int32_t left, int8_t *patch);

/* The same, widened to pairs of halfwords 4 words apart (edgeq_widen.h), by way of p->depth + 4 bytes of scratch.
 * On cores with the DSP extension only. */
void edgeq_gather_wide(const edgeq_conv_params *p, const int8_t *input, int32_t top, int32_t left, int8_t *patch,
                       uint32_t *words);

#endif

/* The inputs under one position of a convolution's kernel, as pairs of halfwords. */
#ifndef EDGEQ_GATHER_DSP_H
#define EDGEQ_GATHER_DSP_H

#include <stdint.h>

#include "edgeq_conv_params.h"
#include "edgeq_gather_rows.h"

/* Writes the inputs under the kernel whose first tap lies at (top, left), to words 4 apart (edgeq_widen.h), by way of
 * p->depth + 4 bytes at patch. Of every row of the kernel first the bytes that fill words, then what is left of all rows,
 * one behind the other, as the weights are ordered. The channels are of the group that `input` starts with; the zero
 * point stands where the kernel hangs over the edge (the bias counts on it). Up to p->depth follows what was there: the
 * weights are zero. */
void edgeq_gather_dsp(const edgeq_conv_params *p, const int8_t *input, int32_t top, int32_t left, int8_t *patch,
                      uint32_t *words);

/* The same of one to four positions of a row, one after the other, none of which hangs over an edge, of a kernel whose
 * rows are contiguous. */
void edgeq_gather_inside_dsp(const edgeq_gather_rows *p);

#endif

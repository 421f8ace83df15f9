/* A convolution whose windows are taken row by row, for cores with the DSP extension: the sums of four pixels wait in
 * scratch, so that a row of the window is all that is there of it. Of one group, of an even number of channels, of rows
 * that fill words, and of outputs whose number is a multiple of four. */
#ifndef EDGEQ_CONV_SUMS_DSP_H
#define EDGEQ_CONV_SUMS_DSP_H

#include <stdint.h>

#include "edgeq_arith.h"
#include "edgeq_conv.h"
#include "edgeq_conv_params.h"
#include "edgeq_gather_dsp.h"
#include "edgeq_sums_dsp.h"

/* The parameters of a kernel of one row. Weights are [row of the window][pair of output channels][row_bytes]. */
EDGEQ_INLINE edgeq_conv_params edgeq_conv_row(const edgeq_conv_params *p)
{
    edgeq_conv_params row = *p;
    row.kernel_height = 1;
    row.depth = p->row_bytes;
    return row;
}

/* Bytes of scratch: four pixels' sums, and what a kernel of one row takes. */
static inline int32_t edgeq_conv_sums_dsp_scratch(const edgeq_conv_params *p)
{
    const edgeq_conv_params row = edgeq_conv_row(p);
    return 16 * p->output_channels + edgeq_conv_dsp_scratch(&row);
}

void edgeq_conv_sums_dsp(const edgeq_conv_params *p, const int8_t *input, int8_t *output, void *scratch,
                         void (*write)(const edgeq_sums *sums));

#endif

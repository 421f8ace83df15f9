/* The body of the fully connected kernels for cores with the DSP extension that read a row as it lies. */
#ifndef EDGEQ_FULLY_CONNECTED_BYTES_DSP_H
#define EDGEQ_FULLY_CONNECTED_BYTES_DSP_H

#include "edgeq_fully_connected_dsp.h"

/* Bytes of scratch: none; the inputs are a multiple of 4. */
static inline int32_t edgeq_fully_connected_bytes_dsp_scratch(const edgeq_fully_connected_params *p)
{
    (void)p;
    return 0;
}

EDGEQ_INLINE void edgeq_fully_connected_bytes_dsp(const edgeq_fully_connected_params *p, const int8_t *input,
                                                  int8_t *output, edgeq_form form)
{
    edgeq_rows_of_sums(p, input, output, 0, 0, form);
    edgeq_bound(output, p->rows * p->output_channels, p->output_min, p->output_max);
}

#endif

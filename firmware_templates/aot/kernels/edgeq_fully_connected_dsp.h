/* The body of the fully connected kernels for cores with the DSP extension. */
#ifndef EDGEQ_FULLY_CONNECTED_DSP_H
#define EDGEQ_FULLY_CONNECTED_DSP_H

#include <stdint.h>

#include "edgeq_arith.h"
#include "edgeq_fully_connected_params.h"
#include "edgeq_quads_dsp.h"
#include "edgeq_widen.h"

/* Bytes of scratch: a row as halfwords. */
static inline int32_t edgeq_fully_connected_dsp_scratch(const edgeq_fully_connected_params *p)
{
    return 2 * p->depth;
}

EDGEQ_INLINE void edgeq_quads_by(const edgeq_quads *quads, int is_widened, edgeq_form form)
{
    if (is_widened) {
        edgeq_quads_of(quads, form);
    } else {
        edgeq_quads_of_bytes(quads, form);
    }
}

/* A row is widened to words, or read as it lies, and whole words of it: then its depth is a multiple of 4. Which is a
 * constant, so that a kernel has one of the loops only. */
EDGEQ_INLINE void edgeq_rows_of_sums(const edgeq_fully_connected_params *p, const int8_t *input, int8_t *output,
                                     uint32_t *words, int is_widened, edgeq_form form)
{
    const int32_t quads = p->output_channels / 4, rest = p->output_channels & 3;
    EDGEQ_ROLLED
    for (int32_t row = 0; row < p->rows; row++) {
        if (is_widened) {
            edgeq_widen(input, p->input_depth, words, 1);
        }
        const uint32_t *const inputs = is_widened ? words : (const uint32_t *)(const void *)input;
        edgeq_quads all = {inputs, p->weights, p->bias, p->requant, output, 16 * p->requant_stride, p->depth, quads};
        if (quads > 0) {
            edgeq_quads_by(&all, is_widened, form);
        }
        if (rest > 0) { /* of the last four channels some are padding */
            int8_t last[4];
            all.weights += 2 * quads * p->depth;
            all.bias += 4 * quads;
            all.requant += 4 * quads * p->requant_stride;
            all.output = last;
            all.quads = 1;
            edgeq_quads_by(&all, is_widened, form);
            EDGEQ_ROLLED
            for (int32_t i = 0; i < rest; i++) {
                output[4 * quads + i] = last[i];
            }
        }
        input += p->input_depth;
        output += p->output_channels;
    }
}

EDGEQ_INLINE void edgeq_fully_connected_dsp(const edgeq_fully_connected_params *p, const int8_t *input,
                                            int8_t *output, void *scratch, edgeq_form form)
{
    edgeq_rows_of_sums(p, input, output, (uint32_t *)scratch, 1, form);
    edgeq_bound(output, p->rows * p->output_channels, p->output_min, p->output_max);
}

#endif

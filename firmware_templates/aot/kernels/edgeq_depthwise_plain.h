/* The body of the depthwise kernels for any shape, in C for any core. */
#ifndef EDGEQ_DEPTHWISE_PLAIN_H
#define EDGEQ_DEPTHWISE_PLAIN_H

#include <stdint.h>

#include "edgeq_arith.h"
#include "edgeq_depthwise.h"
#include "edgeq_depthwise_params.h"

EDGEQ_INLINE void edgeq_depthwise_plain(const edgeq_depthwise_params *p, const int8_t *input, int8_t *output,
                                        void *scratch, edgeq_form form)
{
    const int32_t count = p->kernel_height * p->kernel_width;
    const int8_t **const taps = (const int8_t **)scratch;
    const int8_t *const outside = edgeq_depthwise_outside(p, taps, count);
    int8_t *const start = output;
    for (int32_t y = 0; y < p->output_height; y++) {
        for (int32_t x = 0; x < p->output_width; x++, output += p->input_channels * p->multiplier) {
            edgeq_depthwise_taps(p, input, y, x, outside, taps);
            edgeq_depthwise_ones(p, taps, count, 0, output, form);
        }
    }
    edgeq_depthwise_bound(p, start, form);
}

#endif

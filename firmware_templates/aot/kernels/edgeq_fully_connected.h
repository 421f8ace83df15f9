/* The body of the fully connected kernels. */
#ifndef EDGEQ_FULLY_CONNECTED_H
#define EDGEQ_FULLY_CONNECTED_H

#include <stdint.h>

#include "edgeq_arith.h"
#include "edgeq_kernels_mac.h"

EDGEQ_INLINE void edgeq_fully_connected(const edgeq_fully_connected_params *p, const int8_t *input, int8_t *output,
                                        int16_t *widened, edgeq_form form)
{
    for (int32_t row = 0; row < p->rows; row++, input += p->input_depth) {
        for (int32_t k = 0; k < p->depth; k++) {
            const int32_t source = (k & ~3) | ((k & 1) << 1) | ((k & 2) >> 1);
            widened[k] = source < p->input_depth ? input[source] : 0;
        }
        const int16_t *weights = p->weights;
        const int32_t *bias = p->bias;
        const int32_t *entry = p->requant;
        for (int32_t channels = p->output_channels; channels > 0; channels -= 2) {
            uint32_t even = (uint32_t)*bias++;
            uint32_t odd = (uint32_t)*bias++;
            for (int32_t k = 0; k < p->depth; k++) {
                const int32_t both = *weights++;
                even = edgeq_mac(even, (int8_t)both, widened[k]);
                odd = edgeq_mac(odd, both, widened[k]);
            }
            *output++ = edgeq_requantize(even << 8, entry, form);
            entry += p->requant_stride;
            if (channels > 1) {
                *output++ = edgeq_requantize(odd - even, entry, form);
                entry += p->requant_stride;
            }
        }
    }
}

#endif

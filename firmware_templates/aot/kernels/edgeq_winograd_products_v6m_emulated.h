/* What the assembly of edgeq_winograd_products_v6m.h computes, in C. */
#ifndef EDGEQ_WINOGRAD_PRODUCTS_V6M_EMULATED_H
#define EDGEQ_WINOGRAD_PRODUCTS_V6M_EMULATED_H

#include <stdint.h>

static inline void edgeq_winograd_products(const int32_t *inputs, const uint32_t *filters, uint32_t *sums,
                                           int32_t channels)
{
    for (int32_t position = 0; position < EDGEQ_WINOGRAD_POSITIONS; position++, sums += 4) {
        sums[0] = sums[1] = sums[2] = sums[3] = 0;
        for (int32_t channel = 0; channel < channels; channel += 2, filters++, inputs += 8) {
            const int32_t low = (int16_t)(*filters & 0xffffu), high = (int16_t)(*filters >> 16);
            for (int tile = 0; tile < 4; tile++) { /* of a tile that is not there it may be anything */
                sums[tile] += (uint32_t)low * (uint32_t)inputs[tile] + (uint32_t)high * (uint32_t)inputs[4 + tile];
            }
        }
    }
}

#endif

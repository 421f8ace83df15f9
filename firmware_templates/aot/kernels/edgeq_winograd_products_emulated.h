/* What the assembly of edgeq_winograd_products_*.h computes, in C. */
#ifndef EDGEQ_WINOGRAD_PRODUCTS_EMULATED_H
#define EDGEQ_WINOGRAD_PRODUCTS_EMULATED_H

#include "edgeq_arith.h"

EDGEQ_INLINE void edgeq_winograd_products(const uint32_t *inputs, const uint32_t *filters, uint32_t *sums,
                                          int32_t channels)
{
    for (int position = 0; position < EDGEQ_WINOGRAD_POSITIONS; position++, sums += EDGEQ_WINOGRAD_SUMS) {
        for (int i = 0; i < EDGEQ_WINOGRAD_SUMS; i++) {
            sums[i] = 0;
        }
        for (int32_t k = 0; k < channels / 2; k++) {
            const int32_t at = EDGEQ_WINOGRAD_POSITIONS * k + position;
            for (int i = 0; i < EDGEQ_WINOGRAD_SUMS; i++) {
                const uint32_t input = inputs[4 * at + i % 4], filter = filters[2 * at + i / 4];
                sums[i] = edgeq_mac(sums[i], (int16_t)input, (int16_t)filter);
                sums[i] = edgeq_mac(sums[i], (int16_t)(input >> 16), (int16_t)(filter >> 16));
            }
        }
    }
}

#endif

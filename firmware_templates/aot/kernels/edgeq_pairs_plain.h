/* The sums of a pair of output channels, in C for any core. */
#ifndef EDGEQ_PAIRS_PLAIN_H
#define EDGEQ_PAIRS_PLAIN_H

#include <stdint.h>

#include "edgeq_arith.h"

/* One pixel's sums for a pair of channels, from bytes. In the exact form's weights the odd channel is the upper
 * byte. */
EDGEQ_INLINE void edgeq_pair_sums(const int8_t *inputs, const int16_t *weights, int32_t depth, uint32_t *even,
                                  uint32_t *odd, edgeq_form form)
{
    uint32_t even_sum = *even, odd_sum = *odd;
    for (int32_t k = 0; k < depth; k += 4, inputs += 4, weights += 4) {
        const int8_t x[4] = {inputs[0], inputs[2], inputs[1], inputs[3]};
        for (int i = 0; i < 4; i++) {
            const int32_t both = weights[i];
            even_sum = edgeq_mac(even_sum, (int8_t)both, x[i]);
            odd_sum = edgeq_mac(odd_sum, form == EDGEQ_EXACT ? both >> 8 : both, x[i]);
        }
    }
    *even = even_sum;
    *odd = odd_sum;
}

#endif

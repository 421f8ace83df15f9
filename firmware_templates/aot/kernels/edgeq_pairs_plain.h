/* The sums of a pair of output channels, in C for any core. */
#ifndef EDGEQ_PAIRS_PLAIN_H
#define EDGEQ_PAIRS_PLAIN_H

#include <stdint.h>

#include "edgeq_arith.h"

/* One input and both its weights. In the exact form's weights the odd channel is the upper byte. */
EDGEQ_INLINE void edgeq_pair_step(int32_t input, int32_t both, uint32_t *even, uint32_t *odd, edgeq_form form)
{
    *even = edgeq_mac(*even, (int8_t)both, input);
    *odd = edgeq_mac(*odd, form == EDGEQ_EXACT ? both >> 8 : both, input);
}

/* One pixel's sums for a pair of channels, from bytes. The four steps are written out: of a loop over an array of inputs
 * gcc makes one that puts the array together and takes it apart again. */
EDGEQ_INLINE void edgeq_pair_sums(const int8_t *inputs, const int16_t *weights, int32_t depth, uint32_t *even,
                                  uint32_t *odd, edgeq_form form)
{
    uint32_t even_sum = *even, odd_sum = *odd;
    for (int32_t k = 0; k < depth; k += 4, inputs += 4, weights += 4) {
        edgeq_pair_step(inputs[0], weights[0], &even_sum, &odd_sum, form);
        edgeq_pair_step(inputs[2], weights[1], &even_sum, &odd_sum, form);
        edgeq_pair_step(inputs[1], weights[2], &even_sum, &odd_sum, form);
        edgeq_pair_step(inputs[3], weights[3], &even_sum, &odd_sum, form);
    }
    *even = even_sum;
    *odd = odd_sum;
}

#endif

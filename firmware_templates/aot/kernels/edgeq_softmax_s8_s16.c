/* Softmax over the last axis, from bytes to 16 bits. */

/* interface */
#include "edgeq_softmax.h"

void edgeq_softmax_s8_s16(const edgeq_softmax_params *p, const int8_t *input, int16_t *output)
    __attribute__((noinline));

/* implementation */
void edgeq_softmax_s8_s16(const edgeq_softmax_params *p, const int8_t *input, int16_t *output)
{
    const int32_t depth = p->depth;
    for (int32_t row = 0; row < p->rows; row++) {
        const edgeq_softmax_row found = edgeq_softmax_of(p, input);
        for (int32_t c = 0; c < depth; c++) {
            const int32_t y = INT16_MIN + edgeq_softmax_part(found, input[c], 16);
            output[c] = (int16_t)(y > INT16_MAX ? INT16_MAX : y);
        }
        input += depth;
        output += depth;
    }
}

/* Softmax over the last axis. Input and output may be the same. */

/* interface */
#include "edgeq_softmax.h"

void edgeq_softmax_s8(const edgeq_softmax_params *p, const int8_t *input, int8_t *output) __attribute__((noinline));

/* implementation */
EDGEQ_SMALL EDGEQ_OUTLINED void softmax_row(const edgeq_softmax_params *p, const int8_t *input, int8_t *output)
{
    const edgeq_softmax_row row = edgeq_softmax_of(p, input);
    const int32_t depth = p->depth;
    for (int32_t c = 0; c < depth; c++) {
        const int32_t y = INT8_MIN + edgeq_softmax_part(row, input[c], 8);
        output[c] = (int8_t)(y > INT8_MAX ? INT8_MAX : y);
    }
}

void edgeq_softmax_s8(const edgeq_softmax_params *p, const int8_t *input, int8_t *output)
{
    for (int32_t row = 0; row < p->rows; row++) {
        softmax_row(p, input, output);
        input += p->depth;
        output += p->depth;
    }
}

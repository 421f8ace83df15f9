/* The body of the fully connected kernels for cores without 32-bit Thumb instructions and long products. */
#ifndef EDGEQ_FULLY_CONNECTED_V6M_H
#define EDGEQ_FULLY_CONNECTED_V6M_H

#include <stdint.h>

#include "edgeq_arith.h"
#include "edgeq_fully_connected_v6m_params.h"
#include "edgeq_words_row_v6m.h"

/* Bytes of scratch: a row as words. */
static inline int32_t edgeq_fully_connected_v6m_scratch(const edgeq_fully_connected_v6m_params *p)
{
    return 4 * p->depth;
}

EDGEQ_INLINE void edgeq_fully_connected_v6m(const edgeq_fully_connected_v6m_params *p, const int8_t *input,
                                            int8_t *output, void *scratch, edgeq_form form)
{
    int32_t *const words = scratch;
    edgeq_words_row row = {words,  words + p->depth,   p->weights,            p->bias, p->requant,
                           output, p->output_channels, 4 * p->requant_stride, 0};
    for (int32_t rows = p->rows; rows > 0; rows--, row.output += p->output_channels) {
        int32_t sum = 0, i = 0;
        EDGEQ_ROLLED
        for (; i < p->input_depth; i++) {
            const int32_t x = *input++;
            words[i] = x;
            sum += x;
        }
        for (; i < p->depth; i++) {
            words[i] = 0;
        }
        row.shift = -128 * sum;
        edgeq_words_row_of(&row, form);
    }
}

#endif

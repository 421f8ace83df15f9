/* The body of the fully connected kernels for cores without 32-bit Thumb instructions and long products. */
#ifndef EDGEQ_FULLY_CONNECTED_V6M_H
#define EDGEQ_FULLY_CONNECTED_V6M_H

#include <stdint.h>

#include "edgeq_arith.h"
#include "edgeq_fully_connected_v6m_params.h"
#include "edgeq_words_row_v6m.h"

/* Bytes of scratch: a row as words, and the sum of each span. */
static inline int32_t edgeq_fully_connected_v6m_scratch(const edgeq_fully_connected_v6m_params *p)
{
    return 4 * (p->depth + (p->depth + p->span - 1) / p->span);
}

EDGEQ_INLINE void edgeq_fully_connected_v6m(const edgeq_fully_connected_v6m_params *p, const int8_t *input,
                                            int8_t *output, void *scratch, edgeq_form form)
{
    int32_t *const words = scratch;
    edgeq_words_row row = {words,      words,  4 * p->span,       p->weights, p->bias, p->requant, 4 * p->requant_stride,
                           output, p->output_channels};
    for (int32_t rows = p->rows; rows > 0; rows--, row.output += p->output_channels) {
        int32_t *to = words;
        for (int32_t first = 0; first < p->depth; first += p->span) {
            const int32_t inputs = p->input_depth - first, size = p->depth - first;
            int32_t sum = 0, i = 0;
            EDGEQ_ROLLED
            for (; i < inputs && i < p->span; i++) {
                const int32_t x = *input++;
                *to++ = x;
                sum += x;
            }
            EDGEQ_ROLLED
            for (; i < size && i < p->span; i++) {
                *to++ = 0;
            }
            row.last = to;
            *to++ = sum;
        }
        edgeq_words_row_of(&row, form);
    }
}

#endif

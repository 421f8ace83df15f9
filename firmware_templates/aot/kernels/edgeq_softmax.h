/* SOFTMAX of a row of bytes: the sum of its exponentials, and each one's part of it. */
#ifndef EDGEQ_SOFTMAX_H
#define EDGEQ_SOFTMAX_H

#include "edgeq_arith.h"
#include "edgeq_fixed_point.h"
#include "edgeq_reciprocal.h"

typedef struct {
    const int32_t *exponentials; /* exp(-difference from the maximum), Q0.31 */
    int32_t entries;             /* beyond them it is 0 */
    int32_t rows, depth;
} edgeq_softmax_params;

#define EDGEQ_SOFTMAX_INTEGER_BITS 12

/* A part is exponential * scale >> shift of 32 bits. The table stands here again, out of reach of an output's bytes. */
typedef struct {
    const int32_t *exponentials;
    int32_t entries, largest, scale, shift;
} edgeq_softmax_row;

EDGEQ_INLINE edgeq_softmax_row edgeq_softmax_of(const edgeq_softmax_params *p, const int8_t *input)
{
    const int32_t *exponentials = p->exponentials;
    const int32_t entries = p->entries, depth = p->depth;
    int32_t largest = -128;
    for (int32_t c = 0; c < depth; c++) {
        largest = input[c] > largest ? input[c] : largest;
    }
    uint32_t sum = 0; /* Q12.19 */
    for (int32_t c = 0; c < depth; c++) {
        const int32_t difference = largest - input[c];
        if (difference < entries) {
            const uint32_t rounding = 1u << (EDGEQ_SOFTMAX_INTEGER_BITS - 1);
            sum += ((uint32_t)exponentials[difference] + rounding) >> EDGEQ_SOFTMAX_INTEGER_BITS;
        }
    }
    int32_t headroom = 0;
    while ((sum & 0x80000000u) == 0u) {
        sum <<= 1;
        headroom++;
    }
    const int32_t scale = edgeq_reciprocal_of_one_plus((int32_t)(sum & 0x7FFFFFFFu));
    const edgeq_softmax_row row = {exponentials, entries, largest, scale, EDGEQ_SOFTMAX_INTEGER_BITS - headroom + 31};
    return row;
}

/* A value's part of the sum, in so many bits. */
EDGEQ_INLINE int32_t edgeq_softmax_part(edgeq_softmax_row row, int32_t x, int32_t bits)
{
    const int32_t difference = row.largest - x, shift = row.shift - bits;
    if (difference >= row.entries || shift > 31) {
        return 0;
    }
    return edgeq_rounding_shift_right(edgeq_doubling_high_mul(row.scale, row.exponentials[difference]), shift);
}

#endif

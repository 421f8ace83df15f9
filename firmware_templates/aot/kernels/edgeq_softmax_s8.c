/* Softmax over the last axis. Input and output may be the same. */

/* interface */
#include <stdint.h>

typedef struct {
    const int32_t *exponentials; /* exp(-difference from the maximum), Q0.31 */
    int32_t entries;             /* beyond them it is 0 */
    int32_t rows, depth;
} edgeq_softmax_params;

void edgeq_softmax_s8(const edgeq_softmax_params *p, const int8_t *input, int8_t *output);

/* implementation */
#include "edgeq_arith.h"
#include "edgeq_fixed_point.h"
#include "edgeq_reciprocal.h"

#define SUM_INTEGER_BITS 12

EDGEQ_SMALL EDGEQ_OUTLINED void softmax_row(const edgeq_softmax_params *p, const int8_t *input, int8_t *output)
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
            sum += ((uint32_t)exponentials[difference] + (1u << (SUM_INTEGER_BITS - 1))) >> SUM_INTEGER_BITS;
        }
    }
    int32_t headroom = 0;
    while ((sum & 0x80000000u) == 0u) {
        sum <<= 1;
        headroom++;
    }
    const int32_t scale = edgeq_reciprocal_of_one_plus((int32_t)(sum & 0x7FFFFFFFu));
    const int32_t shift = SUM_INTEGER_BITS - headroom + 31 - 8;
    for (int32_t c = 0; c < depth; c++) {
        const int32_t difference = largest - input[c];
        int32_t y = -128;
        if (difference < entries && shift <= 31) {
            y += edgeq_rounding_shift_right(edgeq_doubling_high_mul(scale, exponentials[difference]), shift);
        }
        output[c] = (int8_t)(y > 127 ? 127 : y);
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

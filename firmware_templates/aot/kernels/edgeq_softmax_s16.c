/* Softmax of int16 over the last axis. Input and output may be the same. */

/* interface */
#include <stdint.h>

typedef struct {
    const int16_t *exponentials; /* [513]: exp from -10 to 0, in 1/32768 */
    const int16_t *reciprocals;  /* [513]: 1 / (1 + x) for x from 0 to 1, in 1/32768 */
    int32_t rows, depth;
    int32_t multiplier, shift; /* from the input's scale to that of the exponentials, to the left */
} edgeq_softmax_s16_params;

void edgeq_softmax_s16(const edgeq_softmax_s16_params *p, const int16_t *input, int16_t *output)
    __attribute__((noinline));

/* implementation */
#include "edgeq_fixed_point.h"
#include "edgeq_interpolate_s16.h"

static void softmax_row(const edgeq_softmax_s16_params *p, const int16_t *input, int16_t *output)
{
    int32_t largest = input[0];
    for (int32_t c = 1; c < p->depth; c++) {
        largest = input[c] > largest ? input[c] : largest;
    }
    int32_t sum = 0;
    for (int32_t c = 0; c < p->depth; c++) {
        const int32_t difference = edgeq_multiply(input[c] - largest, p->multiplier, p->shift) + 32767;
        output[c] = (int16_t)edgeq_interpolate_s16(p->exponentials, edgeq_clamp(difference, -32768, 32767));
        sum += output[c];
    }
    int32_t headroom = 0; /* zeros before the highest 1 of a positive int32 */
    while (((uint32_t)sum << headroom & 0x40000000u) == 0u) {
        headroom++;
    }
    /* The sum as 1 + x in 1/65536, and x from -32768 on. */
    const int32_t x = (int32_t)((((int64_t)sum << headroom) + (1 << 13)) >> 14) - (1 << 15) - (1 << 16);
    const int32_t scale = edgeq_interpolate_s16(p->reciprocals, edgeq_clamp(x, -32768, 32767));
    const int32_t shift = 30 - headroom;
    for (int32_t c = 0; c < p->depth; c++) {
        const int32_t y = (int32_t)(((int64_t)output[c] * scale + (1 << (shift - 1))) >> shift);
        output[c] = (int16_t)edgeq_clamp(y, 0, 32767);
    }
}

void edgeq_softmax_s16(const edgeq_softmax_s16_params *p, const int16_t *input, int16_t *output)
{
    for (int32_t row = 0; row < p->rows; row++) {
        softmax_row(p, input, output);
        input += p->depth;
        output += p->depth;
    }
}

/* interface */
#include "edgeq_sigmoid_s16.h"

/* Input and output may be the same. */
void edgeq_logistic_s16(const edgeq_sigmoid_params *p, const int16_t *input, int16_t *output) __attribute__((noinline));

/* implementation */
void edgeq_logistic_s16(const edgeq_sigmoid_params *p, const int16_t *input, int16_t *output)
{
    for (int32_t left = p->count; left > 0; left--) {
        const int32_t x = edgeq_sigmoid_input_s16(p, *input++);
        const uint32_t y = edgeq_sigmoid_s16(p->table, x, 9, 0x7fffu << 10);
        *output++ = (int16_t)((x >= 0 ? y + (1u << 9) : (1u << 25) - y + (1u << 9) - 1u) >> 10);
    }
}

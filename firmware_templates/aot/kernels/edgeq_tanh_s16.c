/* interface */
#include "edgeq_sigmoid_s16.h"

/* Input and output may be the same. */
void edgeq_tanh_s16(const edgeq_sigmoid_params *p, const int16_t *input, int16_t *output) __attribute__((noinline));

/* implementation */
void edgeq_tanh_s16(const edgeq_sigmoid_params *p, const int16_t *input, int16_t *output)
{
    for (int32_t left = p->count; left > 0; left--) {
        const int32_t x = edgeq_sigmoid_input_s16(p, *input++);
        const int32_t y = (int32_t)edgeq_sigmoid_s16(p->table, x, 8, 0xffffu << 8);
        *output++ = (int16_t)((x >= 0 ? y - (1 << 23) + (1 << 7) : (1 << 23) - y + (1 << 7) - 1) >> 8);
    }
}

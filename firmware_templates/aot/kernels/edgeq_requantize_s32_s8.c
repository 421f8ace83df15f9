/* interface */
#include "edgeq_requantizing.h"

void edgeq_requantize_s32_s8(const edgeq_requantize_params *p, const int32_t *input, int8_t *output)
    __attribute__((noinline));

/* implementation */
void edgeq_requantize_s32_s8(const edgeq_requantize_params *p, const int32_t *input, int8_t *output)
{
    for (int32_t left = p->count; left > 0; left--) {
        *output++ = (int8_t)edgeq_clamp(edgeq_requantized(p, *input++), INT8_MIN, INT8_MAX);
    }
}

/* interface */
#include "edgeq_requantizing.h"

void edgeq_requantize_s32_s16(const edgeq_requantize_params *p, const int32_t *input, int16_t *output)
    __attribute__((noinline));

/* implementation */
void edgeq_requantize_s32_s16(const edgeq_requantize_params *p, const int32_t *input, int16_t *output)
{
    for (int32_t left = p->count; left > 0; left--) {
        *output++ = (int16_t)edgeq_clamp(edgeq_requantized(p, *input++), INT16_MIN, INT16_MAX);
    }
}

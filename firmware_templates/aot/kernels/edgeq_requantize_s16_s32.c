/* interface */
#include "edgeq_requantizing.h"

void edgeq_requantize_s16_s32(const edgeq_requantize_params *p, const int16_t *input, int32_t *output)
    __attribute__((noinline));

/* implementation */
void edgeq_requantize_s16_s32(const edgeq_requantize_params *p, const int16_t *input, int32_t *output)
{
    for (int32_t left = p->count; left > 0; left--) {
        *output++ = edgeq_requantized(p, *input++);
    }
}

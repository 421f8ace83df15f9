/* interface */
#include "edgeq_rescaling_s16.h"

/* Input and output may be the same. */
void edgeq_rescale_s16(const edgeq_rescale_params *p, const int16_t *input, int16_t *output) __attribute__((noinline));

/* implementation */
void edgeq_rescale_s16(const edgeq_rescale_params *p, const int16_t *input, int16_t *output)
{
    for (int32_t left = p->count; left > 0; left--) {
        *output++ = (int16_t)edgeq_rescaled(p, *input++);
    }
}

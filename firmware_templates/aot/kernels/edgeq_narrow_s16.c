/* interface */
#include "edgeq_rescaling_s16.h"

/* QUANTIZE from int16 to int8. Input and output may be the same. */
void edgeq_narrow_s16(const edgeq_rescale_params *p, const int16_t *input, int8_t *output) __attribute__((noinline));

/* implementation */
void edgeq_narrow_s16(const edgeq_rescale_params *p, const int16_t *input, int8_t *output)
{
    for (int32_t left = p->count; left > 0; left--) {
        *output++ = (int8_t)edgeq_rescaled(p, *input++);
    }
}

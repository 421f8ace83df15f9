/* QUANTIZE from 8 bits to int16. */

/* interface */
#include <stdint.h>

typedef struct {
    const int16_t *table; /* [256], by the input byte as unsigned */
    int32_t count;
} edgeq_widen_params;

void edgeq_widen_s16(const edgeq_widen_params *p, const void *input, int16_t *output) __attribute__((noinline));

/* implementation */
void edgeq_widen_s16(const edgeq_widen_params *p, const void *input, int16_t *output)
{
    const uint8_t *from = (const uint8_t *)input;
    for (int32_t left = p->count; left > 0; left--) {
        *output++ = p->table[*from++];
    }
}

/* Integers of an input from int16: one product, where that was proved to give all of them. */
/* interface */
#include <stdint.h>

typedef struct {
    int32_t size;
    int32_t factor, add, shift;
    int32_t low, high;
} edgeq_scale_s16_params;

void edgeq_scale_s16(const edgeq_scale_s16_params *p, const int16_t *in, uint8_t *out);
/* implementation */
#include "edgeq_steps.h"

void edgeq_scale_s16(const edgeq_scale_s16_params *p, const int16_t *in, uint8_t *out)
{
    for (int32_t i = 0; i < p->size; ++i) {
        out[i] = (uint8_t)edgeq_scaled(in[i], p->factor, p->add, p->shift, p->low, p->high);
    }
}

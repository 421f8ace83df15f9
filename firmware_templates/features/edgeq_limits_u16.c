/* Integers of an input from uint16: how many limits each reaches. */
/* interface */
#include <stdint.h>

typedef struct {
    int32_t size;
    int32_t first, step;   /* below all limits, and what each adds: 1 or -1 */
    int32_t count;
    const int32_t *limits; /* [count], ascending */
} edgeq_limits_u16_params;

void edgeq_limits_u16(const edgeq_limits_u16_params *p, const uint16_t *in, uint8_t *out);
/* implementation */
#include "edgeq_steps.h"

void edgeq_limits_u16(const edgeq_limits_u16_params *p, const uint16_t *in, uint8_t *out)
{
    for (int32_t i = 0; i < p->size; ++i) {
        out[i] = (uint8_t)(p->first + p->step * edgeq_reached(p->limits, p->count, in[i]));
    }
}

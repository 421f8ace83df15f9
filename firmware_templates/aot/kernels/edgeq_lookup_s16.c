/* Functions of one int16 by a table. Input and output may be the same. */

/* interface */
#include <stdint.h>

typedef struct {
    const int16_t *table; /* [513] */
    int32_t count;
} edgeq_lookup_s16_params;

void edgeq_lookup_s16(const edgeq_lookup_s16_params *p, const int16_t *input, int16_t *output)
    __attribute__((noinline));

/* implementation */
#include "edgeq_interpolate_s16.h"

void edgeq_lookup_s16(const edgeq_lookup_s16_params *p, const int16_t *input, int16_t *output)
{
    for (int32_t left = p->count; left > 0; left--) {
        *output++ = (int16_t)edgeq_interpolate_s16(p->table, *input++);
    }
}

/* ABS of INT32 numbers that mean themselves; the smallest stays. Input and output may be the same. */

/* interface */
#include <stdint.h>

typedef struct {
    int32_t count;
} edgeq_magnitude_params;

void edgeq_magnitude_s32(const edgeq_magnitude_params *p, const int8_t *input, int8_t *output)
    __attribute__((noinline));

/* implementation */
#include "edgeq_mem.h"

void edgeq_magnitude_s32(const edgeq_magnitude_params *p, const int8_t *input, int8_t *output)
{
    for (int32_t i = 0; i < p->count; i++) {
        uint32_t x;
        memcpy(&x, input + 4 * i, 4);
        const uint32_t y = x >> 31 ? 0u - x : x;
        memcpy(output + 4 * i, &y, 4);
    }
}

/* RSQRT of int16 numbers that are not below 0. Input and output may be the same. */

/* interface */
#include <stdint.h>

typedef struct {
    int32_t count;
    int32_t multiplier, shift; /* to the left; of an inverse root with 20 bits behind the point */
} edgeq_rsqrt_params;

void edgeq_rsqrt_s16(const edgeq_rsqrt_params *p, const int16_t *input, int16_t *output) __attribute__((noinline));

/* implementation */
#include "edgeq_inverse_root.h"

#define BITS 20 /* behind the point */

void edgeq_rsqrt_s16(const edgeq_rsqrt_params *p, const int16_t *input, int16_t *output)
{
    for (int32_t left = p->count; left > 0; left--) {
        const int32_t x = *input++;
        int32_t y = INT16_MAX;
        if (x > 0) {
            int32_t shift;
            const int32_t multiplier = edgeq_inverse_root(x, &shift);
            y = edgeq_multiply(edgeq_multiply(1, multiplier, shift + BITS), p->multiplier, p->shift);
        }
        *output++ = (int16_t)edgeq_clamp(y, -32768, 32767);
    }
}

/* SQRT of int16 numbers that are not below 0. Input and output may be the same. */

/* interface */
#include <stdint.h>

typedef struct {
    int32_t count;
    float input_scale, output_scale;
} edgeq_sqrt_params;

void edgeq_sqrt_s16(const edgeq_sqrt_params *p, const int16_t *input, int16_t *output) __attribute__((noinline));

/* implementation */
#include "edgeq_mem.h"

#define FRACTION 23 /* bits of a float32's fraction */
#define BIAS 127
#define BITS 24

/* The root of a normal number above 0, rounded to the nearest float32: digit by digit, without a library. */
static float root_of(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    const int32_t power = (int32_t)(bits >> FRACTION) - BIAS;
    const uint32_t odd = (uint32_t)power & 1u;
    const uint64_t square = (uint64_t)((bits & 0x7fffffu) | 0x800000u) << (FRACTION + odd);
    uint64_t rest = square, root = 0;
    for (int32_t i = BITS - 1; i >= 0; i--) {
        const uint64_t next = (2 * root + (1ull << i)) << i;
        if (rest >= next) {
            rest -= next;
            root += 1ull << i;
        }
    }
    root += rest > root; /* the rest of a half more would be root + 1/4 */
    bits = (uint32_t)((power - (int32_t)odd) / 2 + BIAS - 1) << FRACTION;
    bits += (uint32_t)root; /* whose highest bit goes into the exponent */
    float y;
    memcpy(&y, &bits, sizeof y);
    return y;
}

void edgeq_sqrt_s16(const edgeq_sqrt_params *p, const int16_t *input, int16_t *output)
{
    for (int32_t left = p->count; left > 0; left--) {
        const int32_t x = *input++;
        float steps = 0.0f;
        if (x > 0) {
            const float real = p->input_scale * (float)x;
            steps = root_of(real) / p->output_scale;
        }
        *output++ = steps < 32767.0f ? (int16_t)(int32_t)steps : 32767;
    }
}

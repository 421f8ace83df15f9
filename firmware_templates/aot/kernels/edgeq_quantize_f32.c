/* QUANTIZE of real numbers. The output may be the input: each number is read before its integer is written. */

/* interface */
#include <stdint.h>

typedef struct {
    int32_t count;
    float scale;
    int32_t zero_point;
    int32_t low; /* the output type's range */
    int32_t high;
    int32_t to; /* bytes of an element of the output: 1 or 2, little-endian */
} edgeq_quantize_f32_params;

void edgeq_quantize_f32(const edgeq_quantize_f32_params *p, const int8_t *input, int8_t *output)
    __attribute__((noinline));

/* implementation */
#include "edgeq_mem.h"

/* Halves go away from zero. LiteRT's reference has one answer for what 32 bits do not hold, NaN among it. */
static int32_t edgeq_whole(float steps)
{
    const float beyond = 2147483648.0f;
    if (!(steps > -beyond && steps < beyond)) {
        return INT32_MIN;
    }
    const int32_t towards_zero = (int32_t)steps;
    const float rest = steps - (float)towards_zero; /* exact, and 0 from 2^23 on */
    return towards_zero + (rest >= 0.5f) - (rest <= -0.5f);
}

void edgeq_quantize_f32(const edgeq_quantize_f32_params *p, const int8_t *input, int8_t *output)
{
    for (int32_t left = p->count; left > 0; left--) {
        float real;
        memcpy(&real, input, sizeof real);
        input += sizeof real;
        const uint32_t moved = (uint32_t)edgeq_whole(real / p->scale) + (uint32_t)p->zero_point;
        int32_t number = (int32_t)moved; /* the reference's sum goes round, too */
        number = number < p->low ? p->low : number > p->high ? p->high : number;
        memcpy(output, &number, (size_t)p->to);
        output += p->to;
    }
}

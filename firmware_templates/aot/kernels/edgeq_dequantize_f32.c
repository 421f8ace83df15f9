/* DEQUANTIZE to real numbers. */

/* interface */
#include <stdint.h>

typedef struct {
    int32_t count;
    float scale;
    int32_t zero_point;
    int32_t from;      /* bytes of an element: 1 or 2, little-endian */
    int32_t is_signed; /* whether the highest bit is a sign */
} edgeq_dequantize_f32_params;

void edgeq_dequantize_f32(const edgeq_dequantize_f32_params *p, const int8_t *input, int8_t *output)
    __attribute__((noinline));

/* implementation */
#include "edgeq_mem.h"

void edgeq_dequantize_f32(const edgeq_dequantize_f32_params *p, const int8_t *input, int8_t *output)
{
    const size_t from = (size_t)p->from;
    for (int32_t left = p->count; left > 0; left--) {
        int32_t number = p->is_signed && input[from - 1] < 0 ? -1 : 0;
        memcpy(&number, input, from);
        input += from;
        /* the reference multiplies in double, where this product is exact: one rounding, there as here */
        const float real = (float)(number - p->zero_point) * p->scale;
        memcpy(output, &real, sizeof real);
        output += sizeof real;
    }
}

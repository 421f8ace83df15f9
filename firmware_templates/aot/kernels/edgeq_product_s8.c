/* REDUCE_PROD. */

/* interface */
#include <stdint.h>

/* Loops over what stays (kept) and over what is multiplied (reduced), outermost first, strides in the input. */
typedef struct {
    int32_t offset;
    int32_t multiplier, shift; /* of every product: 15 bits, to the right */
    int32_t output_zero_point;
    int32_t kept_count0, kept_stride0, kept_count1, kept_stride1, kept_count2, kept_stride2;
    int32_t reduced_count0, reduced_stride0, reduced_count1, reduced_stride1, reduced_count2, reduced_stride2;
} edgeq_product_params;

void edgeq_product_s8(const edgeq_product_params *p, const int8_t *input, int8_t *output);

/* implementation */
#include "edgeq_fixed_point.h"

static int32_t scaled(const edgeq_product_params *p, int64_t x)
{
    return (int32_t)((x * p->multiplier + ((int64_t)1 << (p->shift - 1))) >> p->shift);
}

static int8_t product_of(const edgeq_product_params *p, const int8_t *input)
{
    int32_t product = 0;
    int first = 1;
    for (int32_t i = 0; i < p->reduced_count0; i++) {
        for (int32_t j = 0; j < p->reduced_count1; j++) {
            const int8_t *x = input + i * p->reduced_stride0 + j * p->reduced_stride1;
            for (int32_t k = 0; k < p->reduced_count2; k++, x += p->reduced_stride2) {
                const int32_t factor = *x + p->offset;
                product = first ? factor : scaled(p, (int64_t)product * factor);
                first = 0;
            }
        }
    }
    return (int8_t)edgeq_clamp(scaled(p, product) + p->output_zero_point, -128, 127);
}

void edgeq_product_s8(const edgeq_product_params *p, const int8_t *input, int8_t *output)
{
    for (int32_t i = 0; i < p->kept_count0; i++) {
        for (int32_t j = 0; j < p->kept_count1; j++) {
            const int8_t *x = input + i * p->kept_stride0 + j * p->kept_stride1;
            for (int32_t k = 0; k < p->kept_count2; k++, x += p->kept_stride2) {
                *output++ = product_of(p, x);
            }
        }
    }
}

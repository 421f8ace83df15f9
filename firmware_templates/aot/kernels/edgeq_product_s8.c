/* REDUCE_PROD. */

/* interface */
#include "edgeq_product.h"

void edgeq_product_s8(const edgeq_product_params *p, const int8_t *input, int8_t *output) __attribute__((noinline));

/* implementation */
#include "edgeq_fixed_point.h"

static int8_t product_of(const edgeq_product_params *p, const int8_t *input)
{
    int32_t product = 0;
    int first = 1;
    for (int32_t i = 0; i < p->reduced_count0; i++) {
        for (int32_t j = 0; j < p->reduced_count1; j++) {
            const int8_t *x = input + i * p->reduced_stride0 + j * p->reduced_stride1;
            for (int32_t k = 0; k < p->reduced_count2; k++, x += p->reduced_stride2) {
                const int32_t factor = *x + p->offset;
                product = first ? factor : edgeq_scaled_product(p, (int64_t)product * factor);
                first = 0;
            }
        }
    }
    return (int8_t)edgeq_clamp(edgeq_scaled_product(p, product) + p->output_zero_point, -128, 127);
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

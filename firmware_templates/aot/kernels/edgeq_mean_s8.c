#include "edgeq_fixed_point.h"
#include "edgeq_kernels.h"

static int32_t sum_of(const edgeq_mean_params *p, const int8_t *input)
{
    const int32_t count = p->reduced_count2, stride = p->reduced_stride2;
    int32_t sum = 0;
    for (int32_t i = 0; i < p->reduced_count0; i++) {
        for (int32_t j = 0; j < p->reduced_count1; j++) {
            const int8_t *x = input + i * p->reduced_stride0 + j * p->reduced_stride1;
            for (int32_t k = 0; k < count; k++, x += stride) {
                sum += *x;
            }
        }
    }
    return sum;
}

void edgeq_mean_s8(const edgeq_mean_params *p, const int8_t *input, int8_t *output)
{
    for (int32_t i = 0; i < p->kept_count0; i++) {
        for (int32_t j = 0; j < p->kept_count1; j++) {
            const int8_t *x = input + i * p->kept_stride0 + j * p->kept_stride1;
            for (int32_t k = 0; k < p->kept_count2; k++, x += p->kept_stride2) {
                const int32_t y = edgeq_multiply(sum_of(p, x) + p->offset, p->multiplier, p->shift);
                *output++ = (int8_t)edgeq_clamp(y + p->output_zero_point, -128, 127);
            }
        }
    }
}

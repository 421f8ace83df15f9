/* interface */
#include "edgeq_mean.h"

void edgeq_mean_plain_s8(const edgeq_mean_params *p, const int8_t *input, int8_t *output) __attribute__((noinline));

/* implementation */
void edgeq_mean_plain_s8(const edgeq_mean_params *p, const int8_t *input, int8_t *output)
{
    for (int32_t i = 0; i < p->kept_count0; i++) {
        for (int32_t j = 0; j < p->kept_count1; j++) {
            const int8_t *x = input + i * p->kept_stride0 + j * p->kept_stride1;
            for (int32_t k = 0; k < p->kept_count2; k++, x += p->kept_stride2) {
                *output++ = edgeq_mean_of(p, edgeq_sum_of(p, x));
            }
        }
    }
}

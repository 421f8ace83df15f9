/* interface */
#include "edgeq_mean.h"

void edgeq_mean_dsp_s8(const edgeq_mean_params *p, const int8_t *input, int8_t *output) __attribute__((noinline));

/* implementation */
#include "edgeq_lanes.h"

/* Four neighbours at once. */
static void mean_of_four(const edgeq_mean_params *p, const int8_t *input, int8_t *output)
{
    const int32_t count = p->reduced_count2, stride = p->reduced_stride2;
    edgeq_lanes sums = {0, 0};
    for (int32_t i = 0; i < p->reduced_count0; i++) {
        for (int32_t j = 0; j < p->reduced_count1; j++) {
            const int8_t *pixel = input + i * p->reduced_stride0 + j * p->reduced_stride1;
            for (int32_t k = 0; k < count; k++, pixel += stride) {
                edgeq_lanes_add(&sums, pixel);
            }
        }
    }
    for (int32_t column = 0; column < 4; column++) {
        output[column] = edgeq_mean_of(p, edgeq_lane(&sums, column));
    }
}

void edgeq_mean_dsp_s8(const edgeq_mean_params *p, const int8_t *input, int8_t *output)
{
    for (int32_t i = 0; i < p->kept_count0; i++) {
        for (int32_t j = 0; j < p->kept_count1; j++) {
            const int8_t *x = input + i * p->kept_stride0 + j * p->kept_stride1;
            int32_t k = 0;
            const int32_t averaged = p->reduced_count0 * p->reduced_count1 * p->reduced_count2;
            if (p->kept_stride2 == 1 && averaged <= EDGEQ_LANES_HOLD) {
                for (; k <= p->kept_count2 - 4; k += 4, x += 4, output += 4) {
                    mean_of_four(p, x, output);
                }
            }
            for (; k < p->kept_count2; k++, x += p->kept_stride2) {
                *output++ = edgeq_mean_of(p, edgeq_sum_of(p, x));
            }
        }
    }
}

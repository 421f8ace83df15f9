/* interface */
#include <stdint.h>

/* Loops over what stays (kept) and over what is averaged (reduced), outermost first, strides in the input. */
typedef struct {
    int32_t kept_count0, kept_stride0, kept_count1, kept_stride1, kept_count2, kept_stride2;
    int32_t reduced_count0, reduced_stride0, reduced_count1, reduced_stride1, reduced_count2, reduced_stride2;
    int32_t offset; /* what takes the input's zero point out of a sum */
    int32_t multiplier, shift, output_zero_point;
} edgeq_mean_params;

void edgeq_mean_s8(const edgeq_mean_params *p, const int8_t *input, int8_t *output);

/* implementation */
#include "edgeq_fixed_point.h"
#include "edgeq_lanes.h"

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

static int8_t mean_of(const edgeq_mean_params *p, int32_t sum)
{
    const int32_t y = edgeq_multiply(sum + p->offset, p->multiplier, p->shift);
    return (int8_t)edgeq_clamp(y + p->output_zero_point, -128, 127);
}

#if EDGEQ_DSP
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
        output[column] = mean_of(p, edgeq_lane(&sums, column));
    }
}
#endif

void edgeq_mean_s8(const edgeq_mean_params *p, const int8_t *input, int8_t *output)
{
    for (int32_t i = 0; i < p->kept_count0; i++) {
        for (int32_t j = 0; j < p->kept_count1; j++) {
            const int8_t *x = input + i * p->kept_stride0 + j * p->kept_stride1;
            int32_t k = 0;
#if EDGEQ_DSP
            const int32_t averaged = p->reduced_count0 * p->reduced_count1 * p->reduced_count2;
            if (p->kept_stride2 == 1 && averaged <= EDGEQ_LANES_HOLD) {
                for (; k <= p->kept_count2 - 4; k += 4, x += 4, output += 4) {
                    mean_of_four(p, x, output);
                }
            }
#endif
            for (; k < p->kept_count2; k++, x += p->kept_stride2) {
                *output++ = mean_of(p, sum_of(p, x));
            }
        }
    }
}

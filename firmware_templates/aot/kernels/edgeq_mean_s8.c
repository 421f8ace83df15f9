#include "edgeq_fixed_point.h"
#include "edgeq_kernels.h"
#include "edgeq_mem.h"

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

#if defined(__ARM_FEATURE_DSP)
#define LANES_HOLD 255 /* values whose sum fits 16 bits */

/* Four neighbours at once, in the 16-bit halves of two words. */
static void mean_of_four(const edgeq_mean_params *p, const int8_t *input, int8_t *output)
{
    const int32_t count = p->reduced_count2, stride = p->reduced_stride2;
    uint32_t even = 0, odd = 0;
    for (int32_t i = 0; i < p->reduced_count0; i++) {
        for (int32_t j = 0; j < p->reduced_count1; j++) {
            const int8_t *pixel = input + i * p->reduced_stride0 + j * p->reduced_stride1;
            for (int32_t k = 0; k < count; k++, pixel += stride) {
                uint32_t x;
                memcpy(&x, pixel, 4);
                __asm("sxtab16 %0, %0, %1" : "+r"(even) : "r"(x));
                __asm("sxtab16 %0, %0, %1, ror #8" : "+r"(odd) : "r"(x));
            }
        }
    }
    output[0] = mean_of(p, (int16_t)(even & 0xFFFFu));
    output[1] = mean_of(p, (int16_t)(odd & 0xFFFFu));
    output[2] = mean_of(p, (int16_t)(even >> 16));
    output[3] = mean_of(p, (int16_t)(odd >> 16));
}
#endif

void edgeq_mean_s8(const edgeq_mean_params *p, const int8_t *input, int8_t *output)
{
    for (int32_t i = 0; i < p->kept_count0; i++) {
        for (int32_t j = 0; j < p->kept_count1; j++) {
            const int8_t *x = input + i * p->kept_stride0 + j * p->kept_stride1;
            int32_t k = 0;
#if defined(__ARM_FEATURE_DSP)
            if (p->kept_stride2 == 1 && p->reduced_count0 * p->reduced_count1 * p->reduced_count2 <= LANES_HOLD) {
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

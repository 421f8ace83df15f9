/* REDUCE_MAX and REDUCE_MIN. */

/* interface */
#include <stdint.h>

/* Loops over what stays (kept) and over what is compared (reduced), outermost first, strides in the input. */
typedef struct {
    int32_t largest; /* 1, or 0 for the smallest */
    int32_t kept_count0, kept_stride0, kept_count1, kept_stride1, kept_count2, kept_stride2;
    int32_t reduced_count0, reduced_stride0, reduced_count1, reduced_stride1, reduced_count2, reduced_stride2;
} edgeq_reduce_params;

void edgeq_reduce_s8(const edgeq_reduce_params *p, const int8_t *input, int8_t *output) __attribute__((noinline));

/* implementation */
static int8_t extremum_of(const edgeq_reduce_params *p, const int8_t *input)
{
    int32_t most = *input, least = *input;
    for (int32_t i = 0; i < p->reduced_count0; i++) {
        for (int32_t j = 0; j < p->reduced_count1; j++) {
            const int8_t *x = input + i * p->reduced_stride0 + j * p->reduced_stride1;
            for (int32_t k = 0; k < p->reduced_count2; k++, x += p->reduced_stride2) {
                most = *x > most ? *x : most;
                least = *x < least ? *x : least;
            }
        }
    }
    return (int8_t)(p->largest ? most : least);
}

void edgeq_reduce_s8(const edgeq_reduce_params *p, const int8_t *input, int8_t *output)
{
    for (int32_t i = 0; i < p->kept_count0; i++) {
        for (int32_t j = 0; j < p->kept_count1; j++) {
            const int8_t *x = input + i * p->kept_stride0 + j * p->kept_stride1;
            for (int32_t k = 0; k < p->kept_count2; k++, x += p->kept_stride2) {
                *output++ = extremum_of(p, x);
            }
        }
    }
}

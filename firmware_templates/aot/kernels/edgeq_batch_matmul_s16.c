/* BATCH_MATMUL of int16 by int16 or int8: sums of products along a row of one matrix and a column of another. */

/* interface */
#include "edgeq_broadcast.h"

/* For every matrix of the batch a_count * b_count sums of depth products. Strides and steps are in elements. */
typedef struct {
    int32_t a_count, a_stride, a_step, a_output; /* how many, from one to the next, within one, in the output */
    int32_t b_count, b_stride, b_step, b_output;
    int32_t depth;
    int32_t multiplier, shift; /* of 15 bits; to the right */
    int32_t loop_count;
    const int32_t *loops; /* over the batch, [loop_count][3]: count, strides of a and b in bytes */
    const void *constant; /* b, where it is constant */
} edgeq_batch_matmul_s16_params;

void edgeq_batch_matmul_s16(const edgeq_batch_matmul_s16_params *p, const int16_t *a, const int16_t *b,
                            int16_t *output) __attribute__((noinline));
void edgeq_batch_matmul_constant_s16(const edgeq_batch_matmul_s16_params *p, const int16_t *a, int16_t *output)
    __attribute__((noinline));
void edgeq_batch_matmul_mixed_s16(const edgeq_batch_matmul_s16_params *p, const int16_t *a, const int8_t *b,
                                  int16_t *output) __attribute__((noinline));
void edgeq_batch_matmul_mixed_constant_s16(const edgeq_batch_matmul_s16_params *p, const int16_t *a, int16_t *output)
    __attribute__((noinline));

/* implementation */
#include "edgeq_arith.h"
#include "edgeq_fixed_point.h"

typedef int32_t (*element)(const void *values, int32_t index);

static int32_t word(const void *values, int32_t index) { return ((const int16_t *)values)[index]; }

static int32_t byte(const void *values, int32_t index) { return ((const int8_t *)values)[index]; }

EDGEQ_INLINE int16_t product(const edgeq_batch_matmul_s16_params *p, const void *a, int32_t at_a, const void *b,
                             int32_t at_b, element of_b)
{
    int64_t sum = 0;
    for (int32_t left = p->depth; left > 0; left--) {
        sum += word(a, at_a) * of_b(b, at_b);
        at_a += p->a_step;
        at_b += p->b_step;
    }
    const int64_t y = (sum * p->multiplier + ((int64_t)1 << (p->shift - 1))) >> p->shift;
    return (int16_t)edgeq_clamp((int32_t)y, -32768, 32767);
}

EDGEQ_INLINE void multiply(const edgeq_batch_matmul_s16_params *p, const void *first, const void *second,
                           int16_t *output, element of_b)
{
    edgeq_broadcast_place place = {{0}};
    const int8_t *a = (const int8_t *)first, *b = (const int8_t *)second;
    do {
        for (int32_t i = 0; i < p->a_count; i++) {
            for (int32_t j = 0; j < p->b_count; j++) {
                output[i * p->a_output + j * p->b_output] =
                    product(p, a, i * p->a_stride, b, j * p->b_stride, of_b);
            }
        }
        output += p->a_count * p->b_count;
    } while (edgeq_broadcast_next(&place, p->loop_count, p->loops, &a, &b));
}

void edgeq_batch_matmul_s16(const edgeq_batch_matmul_s16_params *p, const int16_t *a, const int16_t *b,
                            int16_t *output)
{
    multiply(p, a, b, output, word);
}

void edgeq_batch_matmul_constant_s16(const edgeq_batch_matmul_s16_params *p, const int16_t *a, int16_t *output)
{
    multiply(p, a, p->constant, output, word);
}

void edgeq_batch_matmul_mixed_s16(const edgeq_batch_matmul_s16_params *p, const int16_t *a, const int8_t *b,
                                  int16_t *output)
{
    multiply(p, a, b, output, byte);
}

void edgeq_batch_matmul_mixed_constant_s16(const edgeq_batch_matmul_s16_params *p, const int16_t *a, int16_t *output)
{
    multiply(p, a, p->constant, output, byte);
}

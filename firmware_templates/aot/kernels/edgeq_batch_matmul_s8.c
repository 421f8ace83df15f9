/* BATCH_MATMUL: sums of products along a row of one matrix and a column of another, either seen transposed. */

/* interface */
#include "edgeq_broadcast.h"

/* For every matrix of the batch a_count * b_count sums of depth products. Strides and steps are in elements. */
typedef struct {
    int32_t a_count, a_stride, a_step, a_output; /* how many, from one to the next, within one, in the output */
    int32_t b_count, b_stride, b_step, b_output;
    int32_t depth;
    int32_t a_offset, b_offset;
    int32_t multiplier, shift, output_zero_point; /* the shift is to the left */
    int32_t loop_count;
    const int32_t *loops;   /* over the batch, [loop_count][3]: count, stride of a, stride of b */
    const int8_t *constant; /* b, where it is constant */
} edgeq_batch_matmul_params;

void edgeq_batch_matmul_s8(const edgeq_batch_matmul_params *p, const int8_t *a, const int8_t *b, int8_t *output)
    __attribute__((noinline));
void edgeq_batch_matmul_constant_s8(const edgeq_batch_matmul_params *p, const int8_t *a, int8_t *output)
    __attribute__((noinline));

/* implementation */
#include "edgeq_fixed_point.h"

static int8_t product(const edgeq_batch_matmul_params *p, const int8_t *a, const int8_t *b)
{
    const int32_t a_step = p->a_step, b_step = p->b_step, a_offset = p->a_offset, b_offset = p->b_offset;
    int32_t sum = 0;
    for (int32_t left = p->depth; left > 0; left--) {
        sum += (*a + a_offset) * (*b + b_offset);
        a += a_step;
        b += b_step;
    }
    const int32_t y = edgeq_multiply(sum, p->multiplier, p->shift) + p->output_zero_point;
    return (int8_t)edgeq_clamp(y, -128, 127);
}

void edgeq_batch_matmul_s8(const edgeq_batch_matmul_params *p, const int8_t *a, const int8_t *b, int8_t *output)
{
    edgeq_broadcast_place place = {{0}};
    do {
        for (int32_t i = 0; i < p->a_count; i++) {
            for (int32_t j = 0; j < p->b_count; j++) {
                output[i * p->a_output + j * p->b_output] =
                    product(p, a + i * p->a_stride, b + j * p->b_stride);
            }
        }
        output += p->a_count * p->b_count;
    } while (edgeq_broadcast_next(&place, p->loop_count, p->loops, &a, &b));
}

void edgeq_batch_matmul_constant_s8(const edgeq_batch_matmul_params *p, const int8_t *a, int8_t *output)
{
    edgeq_batch_matmul_s8(p, a, p->constant, output);
}

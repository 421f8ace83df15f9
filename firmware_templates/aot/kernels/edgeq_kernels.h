/* The kernels. Each is called kernel(&params, inputs…, outputs…[, scratch]); tensors are NHWC.
   Those named "_plain" run on any core, those named "_dsp" on cores with the DSP extension. */
#ifndef EDGEQ_KERNELS_H
#define EDGEQ_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#include "edgeq_kernels_mac.h"

/* Any function of one byte, as a table. */
typedef struct {
    const int8_t *table; /* [256], by the input byte as unsigned */
    int32_t count;
} edgeq_lookup_params;

void edgeq_lookup_s8(const edgeq_lookup_params *p, const int8_t *input, int8_t *output);

/* How two operands meet: `run` elements contiguous in the output, in which an operand advances (step 1) or one
   element serves all (step 0); around them loop_count loops, outermost first. */
#define EDGEQ_BROADCAST_LOOPS 5
#define EDGEQ_BROADCAST_FIELDS                                                                          \
    int32_t run, a_step, b_step;                                                                        \
    int32_t loop_count;                                                                                 \
    const int32_t *loops;   /* [loop_count][3]: count, stride of a, stride of b */                      \
    const int8_t *constant; /* b, where it is constant */

/* ADD where (a * a_multiplier + b * b_multiplier + offset) >> shift is exact for every pair of bytes. */
typedef struct {
    int32_t a_multiplier, b_multiplier, offset, shift;
    int32_t low, high;
    EDGEQ_BROADCAST_FIELDS
} edgeq_add_params;

void edgeq_add_s8(const edgeq_add_params *p, const int8_t *a, const int8_t *b, int8_t *output);
void edgeq_add_constant_s8(const edgeq_add_params *p, const int8_t *a, int8_t *output);

/* ADD in the reference's own steps: both operands to a common scale, the sum to the output's. Shifts are right. */
typedef struct {
    int32_t a_offset, a_multiplier, a_shift;
    int32_t b_offset, b_multiplier, b_shift;
    int32_t output_multiplier, output_shift, output_zero_point;
    int32_t low, high;
    EDGEQ_BROADCAST_FIELDS
} edgeq_add_rounded_params;

void edgeq_add_rounded_s8(const edgeq_add_rounded_params *p, const int8_t *a, const int8_t *b, int8_t *output);
void edgeq_add_rounded_constant_s8(const edgeq_add_rounded_params *p, const int8_t *a, int8_t *output);

/* MUL where one affine step with a correction of negative products is exact for every product (edgeq_arith.h). */
typedef struct {
    int32_t a_offset, b_offset;
    int32_t multiplier, addend, shift, correction;
    int32_t low, high; /* what is left to limit afterwards; most often int8's own range */
    EDGEQ_BROADCAST_FIELDS
} edgeq_mul_params;

void edgeq_mul_s8(const edgeq_mul_params *p, const int8_t *a, const int8_t *b, int8_t *output);
void edgeq_mul_constant_s8(const edgeq_mul_params *p, const int8_t *a, int8_t *output);

/* MUL in the reference's own steps: the product, rounded twice. */
typedef struct {
    int32_t a_offset, b_offset;
    int32_t multiplier, shift, output_zero_point;
    int32_t low, high;
    EDGEQ_BROADCAST_FIELDS
} edgeq_mul_rounded_params;

void edgeq_mul_rounded_s8(const edgeq_mul_rounded_params *p, const int8_t *a, const int8_t *b, int8_t *output);
void edgeq_mul_rounded_constant_s8(const edgeq_mul_rounded_params *p, const int8_t *a, int8_t *output);

typedef struct {
    int32_t batches;
    int32_t input_h, input_w, channels;
    int32_t output_h, output_w;
    int32_t window_h, window_w;
    int32_t stride_h, stride_w;
    int32_t pad_h, pad_w; /* before the first row and column */
    int32_t low, high;
} edgeq_pool_params;

void edgeq_average_pool_plain_s8(const edgeq_pool_params *p, const int8_t *input, int8_t *output);
void edgeq_average_pool_dsp_s8(const edgeq_pool_params *p, const int8_t *input, int8_t *output);
void edgeq_max_pool_plain_s8(const edgeq_pool_params *p, const int8_t *input, int8_t *output);
void edgeq_max_pool_dsp_s8(const edgeq_pool_params *p, const int8_t *input, int8_t *output);

/* Loops over what stays (kept) and over what is averaged (reduced), outermost first, strides in the input. */
typedef struct {
    int32_t kept_count0, kept_stride0, kept_count1, kept_stride1, kept_count2, kept_stride2;
    int32_t reduced_count0, reduced_stride0, reduced_count1, reduced_stride1, reduced_count2, reduced_stride2;
    int32_t offset; /* what takes the input's zero point out of a sum */
    int32_t multiplier, shift, output_zero_point;
} edgeq_mean_params;

void edgeq_mean_plain_s8(const edgeq_mean_params *p, const int8_t *input, int8_t *output);
void edgeq_mean_dsp_s8(const edgeq_mean_params *p, const int8_t *input, int8_t *output);

/* Rows of `run` bytes, in up to four loops, outermost first, strides in the output; everything else is `value`. */
typedef struct {
    int32_t output_bytes, value, start, run;
    int32_t count0, stride0, count1, stride1, count2, stride2, count3, stride3;
} edgeq_pad_params;

void edgeq_pad_s8(const edgeq_pad_params *p, const int8_t *input, int8_t *output);

/* Rows of `run` bytes, `stride` bytes apart in the output. */
typedef struct {
    int32_t rows, run, stride;
    const int8_t *constant; /* the input, where it is constant */
} edgeq_copy_params;

void edgeq_copy_s8(const edgeq_copy_params *p, const int8_t *input, int8_t *output);
void edgeq_copy_constant_s8(const edgeq_copy_params *p, int8_t *output);

typedef struct {
    const int32_t *exponentials; /* exp(-difference from the maximum), Q0.31 */
    int32_t entries;             /* beyond them it is 0 */
    int32_t rows, depth;
} edgeq_softmax_params;

void edgeq_softmax_s8(const edgeq_softmax_params *p, const int8_t *input, int8_t *output);

#endif

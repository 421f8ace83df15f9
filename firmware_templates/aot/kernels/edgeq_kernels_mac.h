/* edgeq_kernels_mac.h: the multiply-accumulate kernels (convolution, depthwise convolution, fully connected).
 *
 * Everything constant is prepared offline (edgeq/backends/aot/ops): the input zero point is folded into the bias,
 * weights are packed, requantization is a table. See docs/kernels.md.
 *
 * Names: "_plain" in C for any core, "_dsp" for cores with the DSP extension; "_s8" int8 in, int8 out; "_signed" where
 * outputs lie on both sides of the zero point and need the sign's correction; "_exact" the general arithmetic, for
 * multipliers or accumulators out of the fast forms' range. How much scratch a kernel takes says a function beside it,
 * such as edgeq_conv_dsp_scratch in edgeq_conv_dsp.h; it may be NULL where that is 0.
 */
#ifndef EDGEQ_KERNELS_MAC_H
#define EDGEQ_KERNELS_MAC_H

#include <stdint.h>

/* Convolution. Tensors are NHWC, batch 1. `depth` is kernel_height * row_bytes, rounded up to a multiple of
 * 4. The bounds of the output are applied behind the requantization, unless they are int8's own. */
typedef struct {
    const int16_t *weights; /* [group][pair of output channels][depth], two int8 a halfword; docs/kernels.md */
    const int32_t *bias;    /* [group][pair][2], zero point folded in, odd channel combined as the weights are */
    const int32_t *requant; /* [group][output channel] entries, see edgeq_arith.h */
    int32_t input_height, input_width, input_channels;
    int32_t output_height, output_width, output_channels;
    int32_t kernel_height, kernel_width;
    int32_t stride_height, stride_width;
    int32_t dilation_height, dilation_width;
    int32_t pad_top, pad_left;
    int32_t groups;
    int32_t group_channels; /* input_channels / groups */
    int32_t row_bytes;      /* kernel_width * group_channels */
    int32_t contiguous;     /* 1 where a kernel's row is contiguous in the input, and the rows adjacent */
    int32_t depth;
    int32_t input_zero_point;
    int32_t output_zero_point; /* read by the exact form only */
    int32_t output_min, output_max;
} edgeq_conv_params;

void edgeq_conv_plain_s8(const edgeq_conv_params *p, const int8_t *input, int8_t *output, void *scratch);
void edgeq_conv_plain_s8_signed(const edgeq_conv_params *p, const int8_t *input, int8_t *output, void *scratch);
void edgeq_conv_plain_s8_exact(const edgeq_conv_params *p, const int8_t *input, int8_t *output, void *scratch);
void edgeq_conv_dsp_s8(const edgeq_conv_params *p, const int8_t *input, int8_t *output, void *scratch);
void edgeq_conv_dsp_s8_signed(const edgeq_conv_params *p, const int8_t *input, int8_t *output, void *scratch);
void edgeq_conv_dsp_s8_exact(const edgeq_conv_params *p, const int8_t *input, int8_t *output, void *scratch);

/* Depthwise convolution. output_channels = input_channels * multiplier. */
typedef struct {
    const int8_t *weights;  /* 3x3 form: [output channel][column] = {w0, w1, w1, w2}; else [tap][output channel] */
    const int32_t *bias;    /* [output channel], zero point folded in */
    const int32_t *requant; /* [output channel] entries */
    int32_t input_height, input_width, input_channels;
    int32_t output_height, output_width, multiplier;
    int32_t kernel_height, kernel_width;
    int32_t stride_height, stride_width;
    int32_t dilation_height, dilation_width;
    int32_t pad_top, pad_left;
    int32_t band, columns;  /* 3x3 form: output rows from one filling of the scratch, its columns */
    int32_t input_zero_point;
    int32_t output_zero_point;
    int32_t output_min, output_max;
} edgeq_depthwise_params;

/* 3x3, no dilation, both strides 1 or both 2. */
void edgeq_depthwise_3x3_plain_s8(const edgeq_depthwise_params *p, const int8_t *input, int8_t *output, void *scratch);
void edgeq_depthwise_3x3_plain_s8_signed(const edgeq_depthwise_params *p, const int8_t *input, int8_t *output,
                                         void *scratch);
void edgeq_depthwise_3x3_dsp_s8(const edgeq_depthwise_params *p, const int8_t *input, int8_t *output, void *scratch);
void edgeq_depthwise_3x3_dsp_s8_signed(const edgeq_depthwise_params *p, const int8_t *input, int8_t *output,
                                       void *scratch);

/* Any shape. */
void edgeq_depthwise_plain_s8(const edgeq_depthwise_params *p, const int8_t *input, int8_t *output, void *scratch);
void edgeq_depthwise_plain_s8_exact(const edgeq_depthwise_params *p, const int8_t *input, int8_t *output,
                                    void *scratch);
void edgeq_depthwise_dsp_s8(const edgeq_depthwise_params *p, const int8_t *input, int8_t *output, void *scratch);
void edgeq_depthwise_dsp_s8_exact(const edgeq_depthwise_params *p, const int8_t *input, int8_t *output, void *scratch);

/* Fully connected, rows of input_depth. */
typedef struct {
    const int16_t *weights; /* [pair of output channels][depth], packed as a convolution's */
    const int32_t *bias;    /* [pair][2] */
    const int32_t *requant; /* one entry a channel, or a single one */
    int32_t rows;
    int32_t input_depth;    /* as in memory */
    int32_t depth;          /* input_depth rounded up to a multiple of 4 */
    int32_t output_channels;
    int32_t requant_stride; /* int32 elements from one channel's entry to the next; 0: one entry for all */
    int32_t output_min, output_max;
} edgeq_fully_connected_params;

void edgeq_fully_connected_plain_s8(const edgeq_fully_connected_params *p, const int8_t *input, int8_t *output,
                                    void *scratch);
void edgeq_fully_connected_plain_s8_signed(const edgeq_fully_connected_params *p, const int8_t *input, int8_t *output,
                                           void *scratch);
void edgeq_fully_connected_dsp_s8(const edgeq_fully_connected_params *p, const int8_t *input, int8_t *output,
                                  void *scratch);
void edgeq_fully_connected_dsp_s8_signed(const edgeq_fully_connected_params *p, const int8_t *input, int8_t *output,
                                         void *scratch);

#endif

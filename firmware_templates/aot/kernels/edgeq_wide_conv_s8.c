/* Convolutions of NHWC, grouped or not, whose weights have a zero point: of the older unsigned form. */

/* interface */
#include <stdint.h>

typedef struct {
    const int8_t *weights; /* [output_channels][kernel_height][kernel_width][group_channels] */
    const int32_t *bias;
    const int32_t *requant; /* the exact form's entries */
    int32_t input_height, input_width, input_channels;
    int32_t output_height, output_width, output_channels;
    int32_t kernel_height, kernel_width, stride_height, stride_width;
    int32_t dilation_height, dilation_width, pad_top, pad_left;
    int32_t group_channels; /* input channels of an output's */
    int32_t group_outputs;  /* output channels that have the same ones */
    int32_t weights_offset, input_offset, output_zero_point, output_min, output_max;
} edgeq_wide_conv_params;

void edgeq_wide_conv_s8(const edgeq_wide_conv_params *p, const int8_t *input, int8_t *output) __attribute__((noinline));

/* implementation */
#include "edgeq_arith.h"

/* The part of a window's rows or columns that lies inside the input. */
typedef struct {
    int32_t first, end;
} span;

static span inside(int32_t start, int32_t dilation, int32_t kernel, int32_t size)
{
    span found = {0, kernel};
    while (found.first < kernel && start + found.first * dilation < 0) {
        found.first++;
    }
    while (found.end > found.first && start + (found.end - 1) * dilation >= size) {
        found.end--;
    }
    return found;
}

static uint32_t products(const edgeq_wide_conv_params *p, const int8_t *x, const int8_t *w)
{
    const int32_t offset = p->input_offset, weights_offset = p->weights_offset;
    uint32_t sum = 0;
    for (int32_t left = p->group_channels; left > 0; left--) {
        sum = edgeq_mac(sum, *x++ + offset, *w++ + weights_offset);
    }
    return sum;
}

static void pixel(const edgeq_wide_conv_params *p, const int8_t *input, int32_t y, int32_t x, int8_t *output)
{
    const span rows = inside(y, p->dilation_height, p->kernel_height, p->input_height);
    const span columns = inside(x, p->dilation_width, p->kernel_width, p->input_width);
    const int8_t *weights = p->weights;
    const int32_t *entry = p->requant;
    int32_t left = p->group_outputs;
    for (int32_t c = 0; c < p->output_channels; c++) {
        uint32_t sum = (uint32_t)p->bias[c];
        for (int32_t i = rows.first; i < rows.end; i++) {
            const int32_t row = (y + i * p->dilation_height) * p->input_width + x;
            for (int32_t j = columns.first; j < columns.end; j++) {
                sum += products(p, input + (row + j * p->dilation_width) * p->input_channels,
                                weights + (i * p->kernel_width + j) * p->group_channels);
            }
        }
        *output++ = edgeq_requantize_exact(sum, entry, p->output_zero_point, p->output_min, p->output_max);
        weights += p->kernel_height * p->kernel_width * p->group_channels;
        entry += EDGEQ_ENTRY(EDGEQ_EXACT);
        if (--left == 0) {
            left = p->group_outputs;
            input += p->group_channels;
        }
    }
}

void edgeq_wide_conv_s8(const edgeq_wide_conv_params *p, const int8_t *input, int8_t *output)
{
    for (int32_t y = 0; y < p->output_height; y++) {
        for (int32_t x = 0; x < p->output_width; x++) {
            pixel(p, input, y * p->stride_height - p->pad_top, x * p->stride_width - p->pad_left, output);
            output += p->output_channels;
        }
    }
}

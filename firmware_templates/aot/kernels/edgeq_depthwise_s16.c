/* DEPTHWISE_CONV_2D of int16 by int8. */

/* interface */
#include "edgeq_conv_s16_params.h"

/* Weights are [tap][output channel]; depth is the taps, at most 256. Each of the groups is one input channel. */
void edgeq_depthwise_s16(const edgeq_conv_s16_params *p, const int16_t *input, int16_t *output)
    __attribute__((noinline));

/* implementation */
#include "edgeq_requant_s16.h"

/* Which taps lie inside: from the first to before the end. */
typedef struct {
    int32_t first, end;
} span;

static span inside(int32_t start, int32_t dilation, int32_t taps, int32_t size)
{
    span found = {0, taps};
    while (found.first < taps && start + found.first * dilation < 0) {
        found.first++;
    }
    while (found.end > found.first && start + (found.end - 1) * dilation >= size) {
        found.end--;
    }
    return found;
}

void edgeq_depthwise_s16(const edgeq_conv_s16_params *p, const int16_t *input, int16_t *output)
{
    const int32_t channels = p->output_channels, multiplier = channels / p->groups;
    const int32_t row = p->input_width * p->input_channels;
    const int32_t step = p->dilation_width * p->input_channels, row_step = p->dilation_height * row;
    int32_t top = -p->pad_top;
    for (int32_t y = 0; y < p->output_height; y++, top += p->stride_height) {
        const span rows = inside(top, p->dilation_height, p->kernel_height, p->input_height);
        int32_t left = -p->pad_left;
        for (int32_t x = 0; x < p->output_width; x++, left += p->stride_width) {
            const span columns = inside(left, p->dilation_width, p->kernel_width, p->input_width);
            const int16_t *first = input + (top + rows.first * p->dilation_height) * row +
                                   (left + columns.first * p->dilation_width) * p->input_channels;
            const int8_t *weights = p->weights + (rows.first * p->kernel_width + columns.first) * channels;
            const int32_t *entry = p->channels;
            int32_t source = 0, repeats = multiplier;
            for (int32_t c = 0; c < channels; c++) {
                const int16_t *from_row = first + source;
                const int8_t *weights_row = weights + c;
                int32_t sum = 0;
                for (int32_t i = rows.end - rows.first; i > 0; i--) {
                    const int16_t *from = from_row;
                    const int8_t *w = weights_row;
                    EDGEQ_ROLLED
                    for (int32_t j = columns.end - columns.first; j > 0; j--) {
                        sum += *from * *w;
                        from += step;
                        w += channels;
                    }
                    from_row += row_step;
                    weights_row += p->kernel_width * channels;
                }
                const int32_t value = edgeq_requantize_s16(sum, entry, 0, EDGEQ_HALF);
                *output++ = (int16_t)edgeq_clamp(value, p->output_min, p->output_max);
                entry += EDGEQ_ENTRY_S16;
                if (--repeats == 0) {
                    repeats = multiplier;
                    source++;
                }
            }
        }
    }
}

#include "edgeq_conv_sums_dsp.h"

/* Sums begin with the biases. */
static void begin(const edgeq_conv_params *p, uint32_t *sums)
{
    const int32_t *bias = p->bias;
    EDGEQ_ROLLED
    for (int32_t left = p->output_channels; left > 0; left--, sums += 4) {
        const uint32_t value = (uint32_t)*bias++;
        sums[0] = value;
        sums[1] = value;
        sums[2] = value;
        sums[3] = value;
    }
}

EDGEQ_SMALL void edgeq_conv_sums_dsp(const edgeq_conv_params *p, const int8_t *input, int8_t *output, void *scratch,
                                     void (*write)(const edgeq_sums *sums))
{
    const edgeq_conv_params row = edgeq_conv_row(p);
    const int32_t pitch = p->dilation_height * p->input_width * p->input_channels;
    uint32_t *const sums = (uint32_t *)scratch, *const words = sums + 4 * p->output_channels;
    const int32_t pairs = p->output_channels / 2;
    edgeq_conv_place place = edgeq_gather_first_dsp(&row, input, words);
    edgeq_sums outputs = {sums, p->requant, output, p->output_channels, pairs};
    for (int32_t pixels = p->output_height * p->output_width; pixels > 0; pixels -= 4) {
        edgeq_part part = {words, p->weights, sums, row.depth, pairs};
        edgeq_conv_place next = place;
        begin(p, sums);
        for (int32_t i = 0; i < p->kernel_height; i++) {
            next = place;
            next.top += i * p->dilation_height;
            next.rows.from += i * pitch;
            edgeq_gather_dsp(&row, input, &next, 4, words);
            edgeq_sums_add(&part);
            part.weights += pairs * row.depth;
        }
        next.top -= (p->kernel_height - 1) * p->dilation_height;
        next.rows.from -= (p->kernel_height - 1) * pitch;
        place = next;
        write(&outputs);
        outputs.output += 4 * p->output_channels;
    }
    edgeq_conv_bound(p, output, EDGEQ_FAST);
}

/* A convolution's way over its input, for cores with the DSP extension: the same for every form. */
#include "edgeq_conv_dsp.h"

/* All channels of a group for 4 pixels or one. */
EDGEQ_INLINE void edgeq_conv_pixels(const edgeq_conv_params *p, const uint32_t *inputs, int32_t pixels,
                                    const edgeq_filters *filters, int8_t *output, const edgeq_conv_form *form)
{
    int32_t done = 0;
    if (form->pairs_4 && filters->channels > 1) {
        done = filters->channels & ~1;
        const edgeq_pairs pairs = {inputs, filters->weights, filters->bias, filters->requant, output,
                                   pixels == 4 ? p->output_channels : 4 * form->entry, p->depth, done / 2};
        (pixels == 4 ? form->pairs_4 : form->pairs_1)(&pairs);
    }
    if (done < filters->channels) {
        form->rest(p, inputs, pixels, filters, done, output);
    }
}

EDGEQ_INLINE void edgeq_conv_group(const edgeq_conv_params *p, const int8_t *input, const edgeq_filters *filters,
                                   int8_t *output, uint32_t *words, const edgeq_conv_form *form)
{
    edgeq_conv_place place = edgeq_gather_first_dsp(p, input, words);
    int32_t pixels = p->output_height * p->output_width;
    while (pixels > 0) {
        const int32_t count = pixels >= 4 ? 4 : 1;
        edgeq_gather_dsp(p, input, &place, count, words);
        edgeq_conv_pixels(p, words, count, filters, output, form);
        output += count * p->output_channels;
        pixels -= count;
    }
}

EDGEQ_SMALL void edgeq_conv_dsp(const edgeq_conv_params *p, const int8_t *input, int8_t *output, void *scratch,
                    const edgeq_conv_form *form)
{
    const int32_t channels = p->output_channels / p->groups;
    const int32_t pairs = (channels + 1) / 2;
    for (int32_t group = 0; group < p->groups; group++) {
        const edgeq_filters filters = {
            p->weights + group * pairs * p->depth,
            p->bias + group * pairs * 2,
            p->requant + group * channels * form->entry,
            channels,
        };
        edgeq_conv_group(p, input + group * p->group_channels, &filters, output + group * channels,
                         (uint32_t *)scratch, form);
    }
    edgeq_conv_bound(p, output, form->pairs_4 ? EDGEQ_FAST : EDGEQ_EXACT);
}

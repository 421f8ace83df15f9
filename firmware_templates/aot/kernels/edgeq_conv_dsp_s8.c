/* interface */
#include "edgeq_conv_params.h"

void edgeq_conv_dsp_s8(const edgeq_conv_params *p, const int8_t *input, int8_t *output, void *scratch)
    __attribute__((noinline));

/* implementation */
#include "edgeq_conv_dsp.h"

static EDGEQ_SMALL void rest(const edgeq_conv_params *p, const uint32_t *inputs, int32_t pixels,
                             const edgeq_filters *filters, int32_t channel, int8_t *output)
{
    edgeq_conv_rest(p, inputs, pixels, filters, channel, output, EDGEQ_FAST);
}

void edgeq_conv_dsp_s8(const edgeq_conv_params *p, const int8_t *input, int8_t *output, void *scratch)
{
    static const edgeq_conv_form form = {edgeq_pairs_4_fast, edgeq_pairs_1_fast, rest, EDGEQ_ENTRY(EDGEQ_FAST)};
    edgeq_conv_dsp(p, input, output, scratch, &form);
}

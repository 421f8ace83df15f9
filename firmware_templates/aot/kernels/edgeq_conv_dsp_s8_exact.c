/* interface */
#include "edgeq_conv_params.h"

void edgeq_conv_dsp_s8_exact(const edgeq_conv_params *p, const int8_t *input, int8_t *output, void *scratch)
    __attribute__((noinline));

/* implementation */
#include "edgeq_conv_dsp.h"

static void rest(const edgeq_conv_params *p, const uint32_t *inputs, int32_t pixels, const edgeq_filters *filters,
                 int32_t channel, int8_t *output)
{
    edgeq_conv_rest(p, inputs, pixels, filters, channel, output, EDGEQ_EXACT);
}

void edgeq_conv_dsp_s8_exact(const edgeq_conv_params *p, const int8_t *input, int8_t *output, void *scratch)
{
    static const edgeq_conv_form form = {0, 0, rest, EDGEQ_ENTRY(EDGEQ_EXACT)};
    edgeq_conv_dsp(p, input, output, scratch, &form);
}

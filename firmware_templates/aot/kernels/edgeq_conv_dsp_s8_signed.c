/* interface */
#include "edgeq_conv_params.h"

void edgeq_conv_dsp_s8_signed(const edgeq_conv_params *p, const int8_t *input, int8_t *output, void *scratch)
    __attribute__((noinline));

/* implementation */
#include "edgeq_conv_dsp.h"

void edgeq_conv_dsp_s8_signed(const edgeq_conv_params *p, const int8_t *input, int8_t *output, void *scratch)
{
    static const edgeq_conv_form form = {edgeq_pairs_4_signed, edgeq_pairs_1_signed, edgeq_conv_rest_dsp, EDGEQ_ENTRY(EDGEQ_SIGNED)};
    edgeq_conv_dsp(p, input, output, scratch, &form);
}

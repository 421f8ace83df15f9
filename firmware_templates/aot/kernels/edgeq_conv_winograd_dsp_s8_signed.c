/* interface */
#include "edgeq_winograd_params.h"

void edgeq_conv_winograd_dsp_s8_signed(const edgeq_winograd_params *p, const int8_t *input, int8_t *output, void *scratch)
    __attribute__((noinline));

/* implementation */
#include "edgeq_conv_winograd_dsp.h"
#include "edgeq_winograd_outputs_dsp.h"

void edgeq_conv_winograd_dsp_s8_signed(const edgeq_winograd_params *p, const int8_t *input, int8_t *output, void *scratch)
{
    static const edgeq_winograd_form form = {edgeq_winograd_outputs_signed, EDGEQ_ENTRY(EDGEQ_SIGNED)};
    edgeq_conv_winograd_dsp(p, input, output, scratch, &form);
}

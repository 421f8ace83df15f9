/* interface */
#include "edgeq_winograd_params.h"

void edgeq_conv_winograd_dsp_s8_signed(const edgeq_winograd_params *p, const int8_t *input, int8_t *output, void *scratch)
    __attribute__((noinline));

/* implementation */
#include "edgeq_conv_winograd_dsp.h"
#include "edgeq_winograd_outputs_dsp.h"

void edgeq_conv_winograd_dsp_s8_signed(const edgeq_winograd_params *p, const int8_t *input, int8_t *output, void *scratch)
{
    edgeq_conv_winograd_dsp(p, input, output, scratch, edgeq_winograd_outputs_signed);
}

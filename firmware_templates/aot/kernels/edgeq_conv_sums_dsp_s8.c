/* interface */
#include "edgeq_conv_params.h"

void edgeq_conv_sums_dsp_s8(const edgeq_conv_params *p, const int8_t *input, int8_t *output, void *scratch)
    __attribute__((noinline));

/* implementation */
#include "edgeq_conv_sums_dsp.h"

void edgeq_conv_sums_dsp_s8(const edgeq_conv_params *p, const int8_t *input, int8_t *output, void *scratch)
{
    edgeq_conv_sums_dsp(p, input, output, scratch, edgeq_sums_write_fast);
}

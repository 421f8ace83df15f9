/* interface */
#include "edgeq_depthwise_params.h"

void edgeq_depthwise_dsp_s8(const edgeq_depthwise_params *p, const int8_t *input, int8_t *output, void *scratch)
    __attribute__((noinline));

/* implementation */
#include "edgeq_depthwise_dsp.h"

void edgeq_depthwise_dsp_s8(const edgeq_depthwise_params *p, const int8_t *input, int8_t *output, void *scratch)
{
    edgeq_depthwise_dsp(p, input, output, scratch, EDGEQ_SIGNED);
}

/* interface */
#include "edgeq_conv_s16_params.h"

void edgeq_conv_dsp_double_s16(const edgeq_conv_s16_params *p, const int16_t *input, int16_t *output, void *scratch)
    __attribute__((noinline));

/* implementation */
#include "edgeq_conv_s16.h"
#include "edgeq_dot_dsp_s16.h"

void edgeq_conv_dsp_double_s16(const edgeq_conv_s16_params *p, const int16_t *input, int16_t *output, void *scratch)
{
    edgeq_conv_s16(p, input, output, scratch, edgeq_sums_dsp_s16, EDGEQ_DOUBLE);
}

/* interface */
#include "edgeq_conv_bands_mve_params.h"

void edgeq_conv_bands_mve_s8_signed(const edgeq_conv_bands_mve_params *p, const int8_t *input, int8_t *output, void *scratch)
    __attribute__((noinline));

/* implementation */
#include "edgeq_conv_bands_mve.h"

void edgeq_conv_bands_mve_s8_signed(const edgeq_conv_bands_mve_params *p, const int8_t *input, int8_t *output, void *scratch)
{
    edgeq_conv_bands_mve(p, input, output, (int8_t *)scratch, EDGEQ_SIGNED);
    edgeq_bound_mve(output, p->output_height * p->output_width * p->output_channels, p->output_min, p->output_max);
}

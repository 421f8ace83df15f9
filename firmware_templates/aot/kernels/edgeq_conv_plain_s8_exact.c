/* interface */
#include "edgeq_conv_params.h"

void edgeq_conv_plain_s8_exact(const edgeq_conv_params *p, const int8_t *input, int8_t *output, void *scratch)
    __attribute__((noinline));

/* implementation */
#include "edgeq_conv_plain.h"

void edgeq_conv_plain_s8_exact(const edgeq_conv_params *p, const int8_t *input, int8_t *output, void *scratch)
{
    edgeq_conv_plain(p, input, output, scratch, EDGEQ_EXACT);
}

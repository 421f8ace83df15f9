#include "edgeq_conv.h"

void edgeq_conv_s8(const edgeq_conv_params *p, const int8_t *input, int8_t *output, void *scratch)
{
    edgeq_conv(p, input, output, scratch, EDGEQ_FAST);
}

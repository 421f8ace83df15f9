#include "edgeq_depthwise.h"

void edgeq_depthwise_s8_exact(const edgeq_depthwise_params *p, const int8_t *input, int8_t *output, void *scratch)
{
    edgeq_depthwise(p, input, output, scratch, EDGEQ_EXACT);
}

#include "edgeq_depthwise_3x3.h"

void edgeq_depthwise_3x3_s8(const edgeq_depthwise_params *p, const int8_t *input, int8_t *output, void *scratch)
{
    edgeq_depthwise_3x3(p, input, output, (uint32_t *)scratch, EDGEQ_FAST);
}

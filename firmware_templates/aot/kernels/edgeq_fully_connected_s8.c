#include "edgeq_fully_connected.h"

void edgeq_fully_connected_s8(const edgeq_fully_connected_params *p, const int8_t *input, int8_t *output,
                                void *scratch)
{
    edgeq_fully_connected(p, input, output, (uint32_t *)scratch, EDGEQ_FAST);
}

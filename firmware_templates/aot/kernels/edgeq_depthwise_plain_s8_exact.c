/* interface */
#include "edgeq_depthwise_params.h"

void edgeq_depthwise_plain_s8_exact(const edgeq_depthwise_params *p, const int8_t *input, int8_t *output,
                                    void *scratch) __attribute__((noinline));

/* implementation */
#include "edgeq_depthwise_plain.h"

void edgeq_depthwise_plain_s8_exact(const edgeq_depthwise_params *p, const int8_t *input, int8_t *output, void *scratch)
{
    edgeq_depthwise_plain(p, input, output, scratch, EDGEQ_EXACT);
}

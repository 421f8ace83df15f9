/* interface */
#include "edgeq_depthwise_3x3_v6m_params.h"

void edgeq_depthwise_3x3_v6m_s8(const edgeq_depthwise_3x3_v6m_params *p, const int8_t *input, int8_t *output,
                                  void *scratch) __attribute__((noinline));

/* implementation */
#include "edgeq_depthwise_3x3_v6m.h"

void edgeq_depthwise_3x3_v6m_s8(const edgeq_depthwise_3x3_v6m_params *p, const int8_t *input, int8_t *output,
                                  void *scratch)
{
    edgeq_depthwise_3x3_v6m(p, input, output, scratch, EDGEQ_FAST);
}

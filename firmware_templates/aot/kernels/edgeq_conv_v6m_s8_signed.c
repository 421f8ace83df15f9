/* interface */
#include "edgeq_conv_v6m_params.h"

void edgeq_conv_v6m_s8_signed(const edgeq_conv_v6m_params *p, const int8_t *input, int8_t *output, void *scratch)
    __attribute__((noinline));

/* implementation */
#include "edgeq_conv_v6m.h"

void edgeq_conv_v6m_s8_signed(const edgeq_conv_v6m_params *p, const int8_t *input, int8_t *output, void *scratch)
{
    edgeq_conv_v6m(p, input, output, scratch, EDGEQ_SIGNED);
}

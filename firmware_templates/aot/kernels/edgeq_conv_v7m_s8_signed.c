/* interface */
#include "edgeq_conv_v7m_params.h"

void edgeq_conv_v7m_s8_signed(const edgeq_conv_v7m_params *p, const int8_t *input, int8_t *output, void *scratch)
    __attribute__((noinline));

/* implementation */
#include "edgeq_conv_v7m.h"

void edgeq_conv_v7m_s8_signed(const edgeq_conv_v7m_params *p, const int8_t *input, int8_t *output, void *scratch)
{
    edgeq_conv_v7m(p, input, output, scratch, EDGEQ_SIGNED);
}

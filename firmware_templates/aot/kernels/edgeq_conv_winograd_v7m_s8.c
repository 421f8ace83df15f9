/* interface */
#include "edgeq_winograd_params.h"

void edgeq_conv_winograd_v7m_s8(const edgeq_winograd_params *p, const int8_t *input, int8_t *output, void *scratch)
    __attribute__((noinline));

/* implementation */
#include "edgeq_conv_winograd_v7m.h"
#include "edgeq_winograd_outputs_v7m.h"

void edgeq_conv_winograd_v7m_s8(const edgeq_winograd_params *p, const int8_t *input, int8_t *output, void *scratch)
{
    static const edgeq_winograd_form form = {edgeq_winograd_outputs_fast, EDGEQ_ENTRY(EDGEQ_FAST)};
    edgeq_conv_winograd_v7m(p, input, output, scratch, &form);
}

/* interface */
#include "edgeq_winograd_params.h"

void edgeq_conv_winograd_v6m_s8_signed(const edgeq_winograd_params *p, const int8_t *input, int8_t *output, void *scratch)
    __attribute__((noinline));

/* implementation */
#include "edgeq_conv_winograd_v6m.h"
#include "edgeq_requantize_v6m.h"
#include "edgeq_sixteen_v6m.h"

void edgeq_conv_winograd_v6m_s8_signed(const edgeq_winograd_params *p, const int8_t *input, int8_t *output, void *scratch)
{
    edgeq_conv_winograd_v6m(p, input, output, scratch, edgeq_sixteen_signed, EDGEQ_ROW(EDGEQ_SIGNED));
}

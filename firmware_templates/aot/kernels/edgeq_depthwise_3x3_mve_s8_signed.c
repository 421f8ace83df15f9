/* interface */
#include "edgeq_depthwise_3x3_mve_params.h"

void edgeq_depthwise_3x3_mve_s8_signed(const edgeq_depthwise_3x3_mve_params *p, const int8_t *input, int8_t *output,
                                        void *scratch) __attribute__((noinline));

/* implementation */
#include "edgeq_depthwise_3x3_mve.h"

void edgeq_depthwise_3x3_mve_s8_signed(const edgeq_depthwise_3x3_mve_params *p, const int8_t *input, int8_t *output,
                                        void *scratch)
{
    edgeq_depthwise_3x3_mve(p, input, output, scratch, EDGEQ_SIGNED);
}

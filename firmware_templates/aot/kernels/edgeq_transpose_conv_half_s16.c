/* interface */
#include "edgeq_transpose_conv_s16_params.h"

void edgeq_transpose_conv_half_s16(const edgeq_transpose_conv_s16_params *p, const int16_t *input, int16_t *output)
    __attribute__((noinline));

/* implementation */
#include "edgeq_transpose_conv_s16.h"

void edgeq_transpose_conv_half_s16(const edgeq_transpose_conv_s16_params *p, const int16_t *input, int16_t *output)
{
    edgeq_transpose_conv_s16(p, input, output, EDGEQ_HALF);
}

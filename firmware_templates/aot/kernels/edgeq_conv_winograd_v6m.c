/* A convolution by Winograd's F(4x4, 3x3) for cores without 32-bit Thumb instructions: all but the end of its tiles. */
#include "edgeq_conv_winograd_v6m.h"

void edgeq_conv_winograd_v6m(const edgeq_winograd_params *p, const int8_t *input, int8_t *output, void *scratch,
                             edgeq_sixteen_end *sixteen, int32_t row_words)
{
    edgeq_conv_winograd(p, input, output, scratch, sixteen, row_words);
}

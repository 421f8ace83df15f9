/* A convolution by Winograd's F(4x4, 3x3) for Armv7-M: all but the end of its tiles. */
#include "edgeq_conv_winograd_v7m.h"

void edgeq_conv_winograd_v7m(const edgeq_winograd_params *p, const int8_t *input, int8_t *output, void *scratch,
                             edgeq_winograd_end *outputs)
{
    edgeq_conv_winograd(p, input, output, scratch, outputs);
}

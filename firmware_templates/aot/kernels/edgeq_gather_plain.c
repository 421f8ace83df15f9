#include "edgeq_gather_plain.h"

#include "edgeq_arith.h"
#include "edgeq_gather.h"

static int8_t *copy_bytes(int8_t *to, const int8_t *from, int32_t count)
{
    EDGEQ_ROLLED
    for (; count > 0; count--) {
        *to++ = *from++;
    }
    return to;
}

void edgeq_gather_plain(const edgeq_conv_params *p, const int8_t *input, int32_t top, int32_t left, int8_t *patch)
{
    const int32_t pitch = p->input_width * p->input_channels;
    const int interior = edgeq_gather_is_interior(p, top, left);
    for (int32_t rows = p->kernel_height; rows > 0; rows--, top += p->dilation_height) {
        if (interior) {
            patch = copy_bytes(patch, input + top * pitch + left * p->input_channels, p->row_bytes);
        } else if (top < 0 || top >= p->input_height) {
            patch = edgeq_fill_bytes(patch, p->input_zero_point, p->row_bytes);
        } else {
            patch = edgeq_gather_row(p, input + top * pitch, left, patch, copy_bytes);
        }
    }
}

#include "edgeq_gather_dsp.h"

#include "edgeq_arith.h"
#include "edgeq_gather.h"
#include "edgeq_gather_rows_dsp.h"
#include "edgeq_widen.h"

static int8_t *copy_bytes(int8_t *to, const int8_t *from, int32_t count)
{
    EDGEQ_ROLLED
    for (; count >= 4; count -= 4, to += 4, from += 4) {
        __builtin_memcpy(to, from, 4);
    }
    EDGEQ_ROLLED
    for (; count > 0; count--) {
        *to++ = *from++;
    }
    return to;
}

void edgeq_gather_dsp(const edgeq_conv_params *p, const int8_t *input, int32_t top, int32_t left, int8_t *patch,
                      uint32_t *words)
{
    const int32_t pitch = p->input_width * p->input_channels, row_bytes = p->row_bytes;
    const int32_t whole = row_bytes & ~3;
    const int as_they_lie = p->contiguous && left >= 0 && left + p->kernel_width <= p->input_width;
    int8_t *rest = patch, *const row = patch + ((p->kernel_height * (row_bytes - whole) + 3) & ~3);
    const int8_t *next = input + top * pitch + left * p->input_channels;
    EDGEQ_ROLLED
    for (int32_t rows = p->kernel_height; rows > 0; rows--, top += p->dilation_height, next += pitch) {
        const int8_t *from = next;
        if (top < 0 || top >= p->input_height) {
            edgeq_fill_bytes(row, p->input_zero_point, row_bytes);
            from = row;
        } else if (!as_they_lie) {
            edgeq_gather_row(p, input + top * pitch, left, row, copy_bytes);
            from = row;
        }
        words = edgeq_widen_fours(from, whole, words, 4);
        EDGEQ_ROLLED
        for (int32_t i = whole; i < row_bytes; i++) {
            *rest++ = from[i];
        }
    }
    edgeq_widen_fours(patch, (int32_t)(row - patch), words, 4);
}

void edgeq_gather_inside_dsp(const edgeq_gather_rows *p) { edgeq_gather_positions(p); }

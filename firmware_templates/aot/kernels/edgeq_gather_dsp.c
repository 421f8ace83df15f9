#include "edgeq_gather_dsp.h"

#include "edgeq_arith.h"
#include "edgeq_gather.h"
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

/* A kernel over the edge, or with gaps between its taps. */
static void gather_edge(const edgeq_conv_params *p, const int8_t *input, int32_t top, int32_t left, int8_t *patch,
                        uint32_t *words)
{
    const int32_t pitch = p->input_width * p->input_channels;
    const int whole_words = p->row_bytes % 4 == 0;
    int8_t *to = patch;
    for (int32_t rows = p->kernel_height; rows > 0; rows--, top += p->dilation_height) {
        to = top < 0 || top >= p->input_height ? edgeq_fill_bytes(to, p->input_zero_point, p->row_bytes)
                                               : edgeq_gather_row(p, input + top * pitch, left, to, copy_bytes);
        if (whole_words) {
            words = edgeq_widen_fours(patch, p->row_bytes, words, 4);
            to = patch;
        }
    }
    if (!whole_words) {
        edgeq_widen_fours(patch, p->depth, words, 4);
    }
}

void edgeq_gather_dsp(const edgeq_conv_params *p, const int8_t *input, int32_t top, int32_t left, int8_t *patch,
                      uint32_t *words)
{
    if (!edgeq_gather_is_interior(p, top, left)) {
        gather_edge(p, input, top, left, patch, words);
        return;
    }
    const int32_t pitch = p->input_width * p->input_channels, row_bytes = p->row_bytes;
    const int8_t *from = input + top * pitch + left * p->input_channels;
    int32_t rows = p->kernel_height;
    if (row_bytes % 4 == 0) {
        EDGEQ_ROLLED
        for (; rows > 0; rows--, from += pitch) {
            words = edgeq_widen_fours(from, row_bytes, words, 4);
        }
        return;
    }
    /* By whole words, which overwrite each other; below the last row the input may end. */
    const int32_t last = top + rows == p->input_height;
    int8_t *to = patch;
    EDGEQ_ROLLED
    for (; rows > last; rows--, from += pitch, to += row_bytes) {
        EDGEQ_ROLLED
        for (int32_t i = 0; i < row_bytes; i += 4) {
            __builtin_memcpy(to + i, from + i, 4);
        }
    }
    if (last) {
        copy_bytes(to, from, row_bytes);
    }
    edgeq_widen_fours(patch, p->depth, words, 4);
}

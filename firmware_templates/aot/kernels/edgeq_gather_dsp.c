#include "edgeq_gather_dsp.h"

#include "edgeq_arith.h"
#include "edgeq_conv.h"
#include "edgeq_gather.h"
#include "edgeq_gather_rows_dsp.h"
#include "edgeq_widen.h"

EDGEQ_OUTLINED int8_t *copy_bytes(int8_t *to, const int8_t *from, int32_t count)
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

/* Of one position whose kernel hangs over an edge, or whose rows are not contiguous. */
static void gather(const edgeq_conv_params *p, const int8_t *input, int32_t top, int32_t left, int8_t *patch,
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

edgeq_conv_place edgeq_gather_first_dsp(const edgeq_conv_params *p, const int8_t *input, uint32_t *words)
{
    const int32_t pitch = p->input_width * p->input_channels, step = p->stride_width * p->input_channels;
    const int32_t whole = p->row_bytes & ~3, rows = p->kernel_height;
    const int32_t row_step = p->stride_height * pitch - p->output_width * step;
    edgeq_conv_place place = {{input - p->pad_top * pitch - p->pad_left * p->input_channels, words,
                               (int8_t *)(words + 2 * p->depth), whole, p->row_bytes - whole, pitch - p->row_bytes,
                               rows, p->depth - rows * whole, step, 1},
                              -p->pad_top,
                              -p->pad_left,
                              p->output_width,
                              row_step,
                              edgeq_conv_is_direct(p)};
    if (place.direct && row_step == 0) {
        place.columns *= p->output_height;
    }
    return place;
}

static void advance(const edgeq_conv_params *p, edgeq_conv_place *place, int32_t columns)
{
    place->rows.from += columns * place->rows.step;
    place->left += columns * p->stride_width;
    place->columns -= columns;
    if (place->columns == 0) {
        place->columns = p->output_width;
        place->left = -p->pad_left;
        place->top += p->stride_height;
        place->rows.from += place->row_step;
    }
}

/* Whether the next positions are in one row, and none hangs over an edge. */
static int is_inside(const edgeq_conv_params *p, const edgeq_conv_place *place, int32_t positions)
{
    if (place->columns < positions || place->direct) {
        return place->columns >= positions;
    }
    return p->contiguous && place->left >= 0 &&
           place->left + (positions - 1) * p->stride_width + p->kernel_width <= p->input_width && place->top >= 0 &&
           place->top + p->kernel_height <= p->input_height;
}

void edgeq_gather_dsp(const edgeq_conv_params *p, const int8_t *input, edgeq_conv_place *place, int32_t count,
                      uint32_t *words)
{
    const int32_t step = is_inside(p, place, count) ? count : 1;
    EDGEQ_ROLLED
    for (int32_t i = 0; i < count; i += step) {
        if (step > 1 || is_inside(p, place, 1)) {
            place->rows.words = words + i;
            place->rows.positions = step;
            edgeq_gather_positions(&place->rows);
        } else {
            gather(p, input, place->top, place->left, place->rows.patch, words + i);
        }
        advance(p, place, step);
    }
    EDGEQ_ROLLED
    for (int32_t k = 1; count == 1 && k < p->depth / 2; k++) {
        words[k] = words[4 * k];
    }
}

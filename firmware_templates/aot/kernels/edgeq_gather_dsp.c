#include "edgeq_gather_dsp.h"

#include "edgeq_arith.h"
#include "edgeq_conv.h"
#include "edgeq_gather.h"
#include "edgeq_gather_rows_dsp.h"

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

/* The bytes under a position whose rows are contiguous, its rows one behind the other; what hangs over an edge is there. */
static void copy_window(const edgeq_conv_params *p, const edgeq_conv_place *place)
{
    const int32_t channels = p->group_channels, row_bytes = p->row_bytes, pitch = p->input_width * channels;
    const int32_t above = place->top < 0 ? -place->top : 0, before = place->left < 0 ? -place->left : 0;
    const int32_t right = p->input_width - place->left, bottom = p->input_height - place->top;
    const int32_t last = right < p->kernel_width ? right : p->kernel_width;
    const int32_t count = (last - before) * channels;
    const uint32_t zeros = (uint32_t)(uint8_t)p->input_zero_point * 0x1010101u;
    uint32_t *words = (uint32_t *)(void *)place->rows.patch;
    EDGEQ_ROLLED
    for (int32_t left = p->depth; left > 0; left -= 4) {
        *words++ = zeros;
    }
    int8_t *to = place->rows.patch + above * row_bytes + before * channels;
    const int8_t *from = place->rows.from + above * pitch + before * channels;
    EDGEQ_ROLLED
    for (int32_t rows = (bottom < p->kernel_height ? bottom : p->kernel_height) - above; rows > 0; rows--) {
        copy_bytes(to, from, count);
        to += row_bytes;
        from += pitch;
    }
}

/* Of one position whose kernel hangs over an edge, or whose rows are not contiguous: first its bytes, from which then the
 * words come. (What does not fill words is written over what was read before.) */
static void gather(const edgeq_conv_params *p, const int8_t *input, const edgeq_conv_place *place, uint32_t *words)
{
    edgeq_gather_rows rows = place->rows;
    if (p->contiguous) {
        copy_window(p, place);
    } else {
        int8_t *to = rows.patch;
        int32_t y = place->top;
        EDGEQ_ROLLED
        for (int32_t row = 0; row < p->kernel_height; row++, y += p->dilation_height) {
            if (y < 0 || y >= p->input_height) {
                to = edgeq_fill_bytes(to, p->input_zero_point, p->row_bytes);
            } else {
                const int8_t *const from = input + y * p->input_width * p->input_channels;
                to = edgeq_gather_row(p, from, place->left, to, copy_bytes);
            }
        }
    }
    rows.from = rows.patch;
    rows.words = words;
    rows.gap = 0;
    rows.positions = 1;
    if (rows.rest == 0) {
        rows.whole *= rows.rows;
        rows.rows = 1;
    }
    edgeq_gather_positions(&rows);
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
            gather(p, input, place, words + i);
        }
        advance(p, place, step);
    }
    EDGEQ_ROLLED
    for (int32_t k = 1; count == 1 && k < p->depth / 2; k++) {
        words[k] = words[4 * k];
    }
}

#include "edgeq_gather_pairs_dsp.h"

#include "edgeq_arith.h"
#include "edgeq_depthwise_rows.h"
#include "edgeq_pair_rows_dsp.h"

/* The first channels of a pixel, fewer than four, as bytes of a word. */
static uint32_t load_lanes(const int8_t *bytes, int32_t lanes)
{
    uint32_t word = 0;
    EDGEQ_ROLLED
    while (lanes-- > 0) {
        word = (word << 8) | (uint8_t)bytes[lanes];
    }
    return word;
}

/* As edgeq_pair_rows, of fewer than four channels. */
static void pair_some(const edgeq_two_rows *p, int32_t lanes)
{
    EDGEQ_ROLLED
    for (int32_t column = 0; column < p->count; column++) {
        const uint32_t lane_bytes[] = {load_lanes(p->upper + column * p->upper_step, lanes),
                                       load_lanes(p->lower + column * p->lower_step, lanes)};
        const edgeq_two_rows one = {(const int8_t *)lane_bytes, (const int8_t *)(lane_bytes + 1), 0, 0, 1,
                                    p->words + EDGEQ_LANES * column};
        edgeq_pair_rows(&one);
    }
}

static uint32_t *pad(uint32_t zero, int32_t count, uint32_t *words)
{
    EDGEQ_ROLLED
    for (; count > 0; count--, words += EDGEQ_LANES) {
        words[0] = words[1] = words[2] = words[3] = zero;
    }
    return words;
}

void edgeq_gather_pairs_dsp(const edgeq_depthwise_params *p, const int8_t *input, int32_t lanes, int32_t top,
                            int32_t pairs, uint32_t *words)
{
    const uint32_t zero = (uint32_t)(uint16_t)p->input_zero_point * 0x10001u;
    const uint32_t zeros = (uint32_t)(uint8_t)p->input_zero_point * 0x1010101u;
    const int8_t *const outside = (const int8_t *)&zeros;
    const int32_t pitch = p->transposed ? p->input_channels : p->input_width * p->input_channels;
    const int32_t step = p->transposed ? p->input_height * p->input_channels : p->input_channels;
    const int32_t inside = p->columns - p->pad_left < p->input_width ? p->columns - p->pad_left : p->input_width;
    for (int32_t row = top - p->pad_top; pairs > 0; pairs--, row += 2) {
        const int above = row >= 0 && row < p->input_height;
        const int below = row + 1 >= 0 && row + 1 < p->input_height;
        words = pad(zero, p->pad_left, words);
        const edgeq_two_rows rows = {above ? input + row * pitch : outside,
                                     below ? input + (row + 1) * pitch : outside,
                                     above ? step : 0,
                                     below ? step : 0,
                                     inside,
                                     words};
        if (lanes == EDGEQ_LANES) {
            edgeq_pair_rows(&rows);
        } else {
            pair_some(&rows, lanes);
        }
        words = pad(zero, p->columns - p->pad_left - inside, words + EDGEQ_LANES * inside);
    }
}

/* The body of the 3x3 convolution by Winograd's F(4x4, 3x3), for cores with the DSP extension.
 *
 * A tile of 4x4 outputs comes from 6x6 inputs: both are transformed with their filters, multiplied position by
 * position, and the sums transformed back. All of it is modulo 2^32, in integers: docs/kernels.md says why that is exact.
 */
#ifndef EDGEQ_CONV_WINOGRAD_DSP_H
#define EDGEQ_CONV_WINOGRAD_DSP_H

#include <stdint.h>

#include "edgeq_arith.h"
#include "edgeq_dsp.h"
#include "edgeq_winograd_params.h"
#include "edgeq_winograd_products_dsp.h"

#define EDGEQ_WINOGRAD_SIDE 6  /* of a tile's inputs */
#define EDGEQ_WINOGRAD_TILE 4  /* of its outputs */
#define EDGEQ_WINOGRAD_TILES 4 /* multiplied at once: a block */
#define EDGEQ_WINOGRAD_BLOCKS 4 /* at most */

/* Bytes of scratch: two channels' filters, the blocks' inputs, a block's sums, and a row of inputs. */
static inline int32_t edgeq_conv_winograd_dsp_scratch(const edgeq_winograd_params *p)
{
    const int32_t pairs = EDGEQ_WINOGRAD_POSITIONS * p->input_channels / 2;
    return 4 * (2 * pairs + EDGEQ_WINOGRAD_TILES * pairs * p->blocks + EDGEQ_WINOGRAD_POSITIONS * EDGEQ_WINOGRAD_SUMS) +
           p->carry;
}

/* Six inputs to six positions, `step` apart, along one side of a tile. */
EDGEQ_INLINE void edgeq_winograd_input_side(const uint32_t *from, int32_t from_step, uint32_t *to, int32_t step)
{
    const uint32_t d0 = from[0], d1 = from[from_step], d2 = from[2 * from_step];
    const uint32_t d3 = from[3 * from_step], d4 = from[4 * from_step], d5 = from[5 * from_step];
    const uint32_t a = (d2 << 2) - d4, b = (d1 << 2) - d3, c = d4 - d2, e = d3 - d1;
    to[0] = (d0 << 2) - d2 - a;
    to[step] = a + b;
    to[2 * step] = a - b;
    to[3 * step] = c + (e << 1);
    to[4 * step] = c - (e << 1);
    to[5 * step] = d5 - d3 - (e << 2);
}

/* Of a pair that was computed as one number, the halfwords: the low one has borrowed from the high one. */
EDGEQ_INLINE uint32_t edgeq_winograd_settle(uint32_t pair) { return pair + ((pair & 0x8000u) << 1); }

/* Where a tile's inputs lie. */
typedef struct {
    const int8_t *rows[EDGEQ_WINOGRAD_SIDE]; /* each at the tile's first column; NULL beyond the edge */
    int32_t first, last;                     /* columns that lie within the input */
} edgeq_winograd_place;

/* Four channels of a row of a tile. */
EDGEQ_INLINE void edgeq_winograd_load(const edgeq_winograd_place *place, int row, int32_t channel, int32_t channels,
                                      uint32_t beyond, uint32_t *fours)
{
    const int8_t *from = place->rows[row] + channel;
    if (place->rows[row] && place->first == 0 && place->last >= EDGEQ_WINOGRAD_SIDE) {
        EDGEQ_UNROLLED
        for (int32_t i = 0; i < EDGEQ_WINOGRAD_SIDE; i++, from += channels) {
            fours[i] = edgeq_load_word(from);
        }
    } else {
        EDGEQ_ROLLED
        for (int32_t i = 0; i < EDGEQ_WINOGRAD_SIDE; i++) {
            const int inside = place->rows[row] && i >= place->first && i < place->last;
            fours[i] = inside ? edgeq_load_word(from + i * channels) : beyond;
        }
    }
}

/* A tile's inputs, transformed, to words[channels / 2][position][tile of the block]. */
EDGEQ_OUTLINED void edgeq_winograd_inputs(const edgeq_winograd_params *p, const edgeq_winograd_place *place,
                                         uint32_t *words)
{
    const uint32_t beyond = (uint8_t)p->input_zero_point * 0x01010101u;
    const int32_t channels = p->input_channels;
    for (int32_t channel = 0; channel < channels; channel += 4) {
        uint32_t halves[2][EDGEQ_WINOGRAD_POSITIONS];
        for (int row = 0; row < EDGEQ_WINOGRAD_SIDE; row++) {
            uint32_t fours[EDGEQ_WINOGRAD_SIDE], even[EDGEQ_WINOGRAD_SIDE], odd[EDGEQ_WINOGRAD_SIDE];
            edgeq_winograd_load(place, row, channel, channels, beyond, fours);
            EDGEQ_UNROLLED
            for (int i = 0; i < EDGEQ_WINOGRAD_SIDE; i++) { /* as numbers from 0 to 255 */
                even[i] = edgeq_add_bytes_02(0x00800080u, fours[i]);
                odd[i] = edgeq_add_bytes_13(0x00800080u, fours[i]);
            }
            edgeq_winograd_input_side(even, 1, halves[0] + row * EDGEQ_WINOGRAD_SIDE, 1);
            edgeq_winograd_input_side(odd, 1, halves[1] + row * EDGEQ_WINOGRAD_SIDE, 1);
        }
        for (int half = 0; half < 2; half++, words += EDGEQ_WINOGRAD_POSITIONS * EDGEQ_WINOGRAD_TILES) {
            EDGEQ_ROLLED
            for (int column = 0; column < EDGEQ_WINOGRAD_SIDE; column++) {
                uint32_t done[EDGEQ_WINOGRAD_SIDE];
                edgeq_winograd_input_side(halves[half] + column, EDGEQ_WINOGRAD_SIDE, done, 1);
                uint32_t *to = words + column * EDGEQ_WINOGRAD_TILES;
                EDGEQ_UNROLLED
                for (int row = 0; row < EDGEQ_WINOGRAD_SIDE; row++) {
                    to[row * EDGEQ_WINOGRAD_SIDE * EDGEQ_WINOGRAD_TILES] = edgeq_winograd_settle(done[row]);
                }
            }
        }
    }
}

/* Three weights to six positions along one side, in pairs of halfwords. */
EDGEQ_INLINE void edgeq_winograd_filter_side(const uint32_t *from, uint32_t *to, int32_t step)
{
    const uint32_t w0 = from[0], w1 = from[1], w2 = from[2];
    const uint32_t ends = edgeq_add_pairs(w0, w2), twice = edgeq_add_pairs(w2, w2), middle = edgeq_add_pairs(w1, w1);
    const uint32_t four = edgeq_add_pairs(edgeq_add_pairs(twice, twice), w0);
    to[0] = w0;
    to[step] = edgeq_add_pairs(ends, w1);
    to[2 * step] = edgeq_subtract_pairs(ends, w1);
    to[3 * step] = edgeq_add_pairs(four, middle);
    to[4 * step] = edgeq_subtract_pairs(four, middle);
    to[5 * step] = w2;
}

/* One channel's filter, transformed, to words[channels / 2][position] of every second word. */
EDGEQ_OUTLINED void edgeq_winograd_filter(const int8_t *weights, int32_t channels, uint32_t *words)
{
    for (int32_t channel = 0; channel < channels; channel += 4, weights += 36) {
        for (int half = 0; half < 2; half++, words += 2 * EDGEQ_WINOGRAD_POSITIONS) {
            uint32_t taps[3][3], columns[3][EDGEQ_WINOGRAD_SIDE];
            EDGEQ_UNROLLED
            for (int i = 0; i < 9; i++) {
                const uint32_t four = edgeq_load_word(weights + 4 * i);
                taps[i % 3][i / 3] = half ? edgeq_widen_13(four) : edgeq_widen_02(four);
            }
            EDGEQ_UNROLLED
            for (int i = 0; i < 3; i++) {
                edgeq_winograd_filter_side(taps[i], columns[i], 1);
            }
            EDGEQ_UNROLLED
            for (int row = 0; row < EDGEQ_WINOGRAD_SIDE; row++) {
                const uint32_t three[3] = {columns[0][row], columns[1][row], columns[2][row]};
                edgeq_winograd_filter_side(three, words + row * 2 * EDGEQ_WINOGRAD_SIDE, 2);
            }
        }
    }
}

/* Six sums to four outputs along one side: 24, 12, 6 and 6 times what they are. */
EDGEQ_INLINE void edgeq_winograd_output_side(const uint32_t *from, int32_t from_step, uint32_t *to, int32_t step)
{
    const uint32_t m0 = from[0], m1 = from[from_step], m2 = from[2 * from_step];
    const uint32_t m3 = from[3 * from_step], m4 = from[4 * from_step], m5 = from[5 * from_step];
    const uint32_t sum = m1 + m2, difference = m1 - m2, outer = m3 + m4, slope = m3 - m4;
    to[0] = outer + ((3 * m0 + (sum << 1)) << 1);
    to[step] = slope + (difference << 1);
    to[2 * step] = sum + outer;
    to[3 * step] = difference + ((3 * m5 + slope) << 1);
}

/* One channel of one tile: from its sums, EDGEQ_WINOGRAD_SUMS apart, to 4x4 bytes. */
EDGEQ_OUTLINED void edgeq_winograd_outputs(const uint32_t *sums, uint32_t bias, const int32_t *entry, int8_t *output,
                                           int32_t row_bytes, int32_t pixel_bytes, edgeq_form form)
{
    const int32_t multiplier = entry[0], addend = entry[1], shift = entry[2], correction = entry[3];
    uint32_t sides[EDGEQ_WINOGRAD_TILE][EDGEQ_WINOGRAD_SIDE];
    EDGEQ_ROLLED
    for (int column = 0; column < EDGEQ_WINOGRAD_SIDE; column++, sums += EDGEQ_WINOGRAD_SUMS) {
        edgeq_winograd_output_side(sums, EDGEQ_WINOGRAD_SIDE * EDGEQ_WINOGRAD_SUMS, sides[0] + column,
                                   EDGEQ_WINOGRAD_SIDE);
    }
    uint32_t scale = 4 * 0x38e38e39u; /* 4 / 9 modulo 2^32: 256 / (24 * 24) */
    EDGEQ_ROLLED
    for (int row = 0; row < EDGEQ_WINOGRAD_TILE; row++, output += row_bytes) {
        uint32_t outputs[EDGEQ_WINOGRAD_TILE];
        edgeq_winograd_output_side(sides[row], 1, outputs, 1);
        int8_t *to = output;
        EDGEQ_UNROLLED
        for (int column = 0; column < EDGEQ_WINOGRAD_TILE; column++, to += pixel_bytes) {
            const uint32_t scaled = outputs[column] * (scale << (column < 2 ? column : 2)) + bias;
            *to = edgeq_requantize_word(scaled, multiplier, addend, shift, correction, form);
        }
        scale <<= row < 2;
    }
}

/* Where a tile's outputs lie, and how many rows and columns of them lie within the output. */
typedef struct {
    int8_t *output;
    int32_t rows, columns;
} edgeq_winograd_goal;

/* As much of one channel of a tile as lies within the output. */
static inline void edgeq_winograd_store(const edgeq_winograd_params *p, const uint32_t *sums, int32_t channel,
                                        const edgeq_winograd_goal *goal, edgeq_form form)
{
    const int32_t pixel = p->output_channels, row = p->output_width * pixel;
    const uint32_t bias = (uint32_t)p->bias[channel];
    const int32_t *const entry = p->requant + 4 * channel;
    int8_t whole[16], *to = goal->output + channel;
    const int is_whole = goal->rows >= 4 && goal->columns >= 4;
    edgeq_winograd_outputs(sums, bias, entry, is_whole ? to : whole, is_whole ? row : 4, is_whole ? pixel : 1, form);
    if (!is_whole) {
        for (int32_t y = 0; y < 4 && y < goal->rows; y++, to += row) {
            for (int32_t x = 0; x < 4 && x < goal->columns; x++) {
                to[x * pixel] = whole[4 * y + x];
            }
        }
    }
}

/* Where the inputs of a tile lie; rows above `kept` were overwritten, and the last of them is in `carry`. */
static inline void edgeq_winograd_find(const edgeq_winograd_params *p, const int8_t *input, int32_t top, int32_t left,
                                       int32_t kept, const int8_t *carry, edgeq_winograd_place *place)
{
    const int32_t pitch = p->input_width * p->input_channels;
    place->first = left < 0 ? -left : 0;
    place->last = p->input_width - left;
    for (int32_t i = 0; i < EDGEQ_WINOGRAD_SIDE; i++) {
        const int32_t row = top + i;
        const int8_t *const from = row < kept ? carry : input + row * pitch;
        place->rows[i] = row < 0 || row >= p->input_height ? 0 : from + left * p->input_channels;
    }
}

EDGEQ_INLINE void edgeq_conv_winograd_dsp(const edgeq_winograd_params *p, const int8_t *input, int8_t *output,
                                          void *scratch, edgeq_form form)
{
    const int32_t channels = p->input_channels, pairs = EDGEQ_WINOGRAD_POSITIONS * channels / 2;
    const int32_t across = (p->output_width + 3) / 4, tiles = across * ((p->output_height + 3) / 4);
    uint32_t *const filters = scratch, *const words = filters + 2 * pairs;
    uint32_t *const sums = words + EDGEQ_WINOGRAD_TILES * pairs * p->blocks;
    int8_t *const carry = (int8_t *)(sums + EDGEQ_WINOGRAD_POSITIONS * EDGEQ_WINOGRAD_SUMS);
    const int32_t most = EDGEQ_WINOGRAD_TILES * p->blocks;
    int32_t kept = 0;
    for (int32_t first = 0; first < tiles; first += most) {
        const int32_t count = tiles - first < most ? tiles - first : most;
        edgeq_winograd_goal goals[EDGEQ_WINOGRAD_TILES * EDGEQ_WINOGRAD_BLOCKS];
        for (int32_t i = 0; i < count; i++) {
            const int32_t top = (first + i) / across * 4, left = (first + i) % across * 4;
            goals[i].output = output + (top * p->output_width + left) * p->output_channels;
            goals[i].rows = p->output_height - top;
            goals[i].columns = p->output_width - left;
            edgeq_winograd_place place;
            edgeq_winograd_find(p, input, top - p->pad_top, left - p->pad_left, kept, carry, &place);
            edgeq_winograd_inputs(p, &place, words + i / 4 * 4 * pairs + i % 4);
        }
        if (p->carry && input == output) {
            kept = (first + count) / across * 4;
            __builtin_memcpy(carry, input + (kept - 1) * p->carry, (uint32_t)p->carry);
        }
        const int8_t *weights = p->weights;
        for (int32_t channel = 0; channel < p->output_channels; channel += 2) {
            for (int i = 0; i < 2; i++, weights += 9 * channels) {
                edgeq_winograd_filter(weights, channels, filters + i);
            }
            for (int32_t block = 0; block < count; block += EDGEQ_WINOGRAD_TILES) {
                edgeq_winograd_products(words + block * pairs, filters, sums, channels);
                for (int32_t i = 0; i < EDGEQ_WINOGRAD_SUMS; i++) {
                    if (block + i % 4 < count) {
                        edgeq_winograd_store(p, sums + i, channel + i / 4, goals + block + i % 4, form);
                    }
                }
            }
        }
    }
    edgeq_bound(output, p->output_height * p->output_width * p->output_channels, p->output_min, p->output_max);
}

#endif

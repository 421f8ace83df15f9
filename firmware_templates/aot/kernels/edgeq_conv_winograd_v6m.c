#include "edgeq_conv_winograd_v6m.h"

#include "edgeq_arith.h"
#include "edgeq_winograd_places.h"
#include "edgeq_winograd_products_v6m.h"

/* The halfwords of a pair that was computed as one number: the low one has borrowed from the high one. */
EDGEQ_INLINE uint32_t edgeq_winograd_settle(uint32_t pair) { return pair + ((pair & 0x8000u) << 1); }

/* Six inputs to six positions along one side of a tile. */
EDGEQ_INLINE void edgeq_winograd_input_side(const uint32_t *from, int32_t from_step, uint32_t *to)
{
    const uint32_t d0 = from[0], d1 = from[from_step], d2 = from[2 * from_step];
    const uint32_t d3 = from[3 * from_step], d4 = from[4 * from_step], d5 = from[5 * from_step];
    const uint32_t a = (d2 << 2) - d4, b = (d1 << 2) - d3, c = d4 - d2, e = (d3 - d1) << 1;
    to[0] = (d0 << 2) - d2 - a;
    to[1] = a + b;
    to[2] = a - b;
    to[3] = c + e;
    to[4] = c - e;
    to[5] = d5 - d3 - (e << 1);
}

/* Four channels of a tile, whose words are aligned, to words[position][channel][tile]: channels in the order 0, 2, 1, 3. */
EDGEQ_OUTLINED void edgeq_winograd_positions(const int8_t *from, int32_t row_bytes, int32_t step, int32_t channels,
                                             int32_t *words)
{
    for (int half = 0; half < 2; half++, words += 2 * EDGEQ_WINOGRAD_TILES) {
        uint32_t sides[EDGEQ_WINOGRAD_POSITIONS];
        const int8_t *row = from;
        EDGEQ_ROLLED
        for (int i = 0; i < EDGEQ_WINOGRAD_POSITIONS; i += EDGEQ_WINOGRAD_SIDE, row += row_bytes) {
            uint32_t inputs[EDGEQ_WINOGRAD_SIDE];
            const int8_t *at = row;
            EDGEQ_UNROLLED
            for (int j = 0; j < EDGEQ_WINOGRAD_SIDE; j++, at += step) { /* as numbers from 0 to 255 */
                uint32_t four;
                __builtin_memcpy(&four, __builtin_assume_aligned(at, 4), 4);
                four ^= 0x80808080u;
                inputs[j] = (half ? four >> 8 : four) & 0x00ff00ffu;
            }
            edgeq_winograd_input_side(inputs, 1, sides + i);
        }
        int32_t *column = words;
        EDGEQ_ROLLED
        for (int i = 0; i < EDGEQ_WINOGRAD_SIDE; i++, column += EDGEQ_WINOGRAD_TILES * channels) {
            uint32_t done[EDGEQ_WINOGRAD_SIDE];
            edgeq_winograd_input_side(sides + i, EDGEQ_WINOGRAD_SIDE, done);
            int32_t *to = column;
            EDGEQ_UNROLLED
            for (int j = 0; j < EDGEQ_WINOGRAD_SIDE; j++) {
                const int32_t low = (int16_t)(done[j] & 0xffffu);
                to[0] = low;
                to[EDGEQ_WINOGRAD_TILES] = (int32_t)(done[j] - (uint32_t)low) >> 16;
                to += EDGEQ_WINOGRAD_SIDE * EDGEQ_WINOGRAD_TILES * channels;
            }
        }
    }
}

/* A tile's inputs, transformed, to its place in a block. */
static inline void edgeq_winograd_inputs(const edgeq_winograd_params *p, const edgeq_winograd_place *place,
                                         int32_t *words)
{
    const int32_t channels = p->input_channels, pitch = p->input_width * channels;
    const int as_it_lies = place->first == 0 && place->last == EDGEQ_WINOGRAD_SIDE && place->adjacent;
    for (int32_t channel = 0; channel < channels; channel += 4, words += 4 * EDGEQ_WINOGRAD_TILES) {
        if (as_it_lies) {
            edgeq_winograd_positions(place->rows[0] + channel, pitch, channels, channels, words);
        } else {
            uint32_t patch[EDGEQ_WINOGRAD_POSITIONS];
            edgeq_winograd_patch(p, place, channel, patch);
            edgeq_winograd_positions((const int8_t *)patch, 4 * EDGEQ_WINOGRAD_SIDE, 4, channels, words);
        }
    }
}

/* Three weights to six positions along one side, in pairs as one number. */
EDGEQ_INLINE void edgeq_winograd_filter_side(const uint32_t *from, int32_t from_step, uint32_t *to)
{
    const uint32_t w0 = from[0], w1 = from[from_step], w2 = from[2 * from_step];
    const uint32_t ends = w0 + w2, four = w0 + (w2 << 2), middle = w1 << 1;
    to[0] = w0;
    to[1] = ends + w1;
    to[2] = ends - w1;
    to[3] = four + middle;
    to[4] = four - middle;
    to[5] = w2;
}

/* One channel's filter, transformed, to pairs[position][channels / 2], in the order of the inputs. */
EDGEQ_OUTLINED void edgeq_winograd_filter(const int8_t *weights, int32_t channels, uint32_t *pairs)
{
    for (int32_t channel = 0; channel < channels; channel += 4, weights += 36) {
        for (int half = 0; half < 2; half++, pairs++) {
            uint32_t columns[3 * EDGEQ_WINOGRAD_SIDE];
            const int8_t *tap = weights + half;
            EDGEQ_ROLLED
            for (int i = 0; i < 3 * EDGEQ_WINOGRAD_SIDE; i += EDGEQ_WINOGRAD_SIDE, tap += 12) {
                uint32_t taps[3];
                EDGEQ_UNROLLED
                for (int j = 0; j < 3; j++) {
                    taps[j] = (uint32_t)(int32_t)tap[4 * j] + ((uint32_t)(int32_t)tap[4 * j + 2] << 16);
                }
                edgeq_winograd_filter_side(taps, 1, columns + i);
            }
            uint32_t *column = pairs;
            EDGEQ_ROLLED
            for (int i = 0; i < EDGEQ_WINOGRAD_SIDE; i++, column += channels / 2) {
                uint32_t done[EDGEQ_WINOGRAD_SIDE], *to = column;
                edgeq_winograd_filter_side(columns + i, EDGEQ_WINOGRAD_SIDE, done);
                EDGEQ_UNROLLED
                for (int j = 0; j < EDGEQ_WINOGRAD_SIDE; j++, to += EDGEQ_WINOGRAD_SIDE * (channels / 2)) {
                    *to = edgeq_winograd_settle(done[j]);
                }
            }
        }
    }
}

/* One channel of a tile: as much of its 4x4 bytes as lies within the output. */
EDGEQ_OUTLINED void edgeq_winograd_outputs(const edgeq_winograd_params *p, const uint32_t *sums, int32_t bias,
                                           const int32_t *row, const edgeq_winograd_goal *goal, int8_t *output,
                                           edgeq_sixteen_end *sixteen)
{
    const int32_t pixel = p->output_channels, pitch = p->output_width * pixel;
    const int is_whole = goal->rows >= 4 && goal->columns >= 4;
    int8_t whole[16];
    const edgeq_sixteen bytes = {sums, row, is_whole ? output : whole, is_whole ? pixel : 1,
                                 is_whole ? pitch - 4 * pixel : 0, bias};
    sixteen(&bytes);
    if (!is_whole) {
        for (int32_t y = 0; y < 4 && y < goal->rows; y++, output += pitch) {
            for (int32_t x = 0; x < 4 && x < goal->columns; x++) {
                output[x * pixel] = whole[4 * y + x];
            }
        }
    }
}

void edgeq_conv_winograd_v6m(const edgeq_winograd_params *p, const int8_t *input, int8_t *output, void *scratch,
                             edgeq_sixteen_end *sixteen, int32_t row_words)
{
    const int32_t channels = p->input_channels, most = EDGEQ_WINOGRAD_TILES * p->blocks;
    const int32_t across = (p->output_width + 3) / 4, tiles = across * ((p->output_height + 3) / 4);
    uint32_t *const sums = scratch, *const made = sums + EDGEQ_WINOGRAD_ALL;
    int32_t *const words = (int32_t *)(made + (p->stored ? 0 : EDGEQ_WINOGRAD_FILTER(p)));
    int8_t *const carry = (int8_t *)(words + EDGEQ_WINOGRAD_BLOCK(p) * p->blocks);
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
            edgeq_winograd_inputs(p, &place, words + i / 4 * EDGEQ_WINOGRAD_BLOCK(p) + i % 4);
        }
        if (p->carry && input == output) {
            kept = (first + count) / across * 4;
            __builtin_memcpy(carry, input + (kept - 1) * p->carry, (uint32_t)p->carry);
        }
        const int8_t *weights = p->weights;
        const int32_t *row = p->requant;
        for (int32_t channel = 0; channel < p->output_channels; channel++) {
            const uint32_t *filter = made;
            if (p->stored) {
                filter = (const uint32_t *)(const void *)weights;
                weights += 4 * EDGEQ_WINOGRAD_FILTER(p);
            } else {
                edgeq_winograd_filter(weights, channels, made);
                weights += 9 * channels;
            }
            for (int32_t block = 0; block < count; block += EDGEQ_WINOGRAD_TILES) {
                edgeq_winograd_products(words + block / 4 * EDGEQ_WINOGRAD_BLOCK(p), filter, sums, channels);
                for (int32_t i = 0; i < EDGEQ_WINOGRAD_TILES && block + i < count; i++) {
                    const edgeq_winograd_goal *const goal = goals + block + i;
                    edgeq_winograd_outputs(p, sums + i, p->bias[channel], row, goal, goal->output + channel, sixteen);
                }
            }
            row += row_words;
        }
    }
}

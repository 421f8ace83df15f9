/* The body of the 3x3 convolution by Winograd's F(4x4, 3x3).
 *
 * A tile of 4x4 outputs comes from 6x6 inputs: both are transformed with their filters, multiplied position by
 * position, and the sums transformed back, which is what the forms differ in. All of it is modulo 2^32, in integers:
 * docs/kernels.md says why that is exact.
 *
 * edgeq_winograd_positions, edgeq_winograd_filter and edgeq_winograd_products are the family's, and stand before this.
 */
#ifndef EDGEQ_CONV_WINOGRAD_H
#define EDGEQ_CONV_WINOGRAD_H

#include <stdint.h>

#include "edgeq_arith.h"
#include "edgeq_winograd_outputs.h"
#include "edgeq_winograd_params.h"
#include "edgeq_winograd_places.h"
#include "edgeq_winograd_tiles.h"

/* A tile's inputs, transformed, to words[channels / 2][position][tile of the block]. */
EDGEQ_OUTLINED void edgeq_winograd_inputs(const edgeq_winograd_params *p, const edgeq_winograd_place *place,
                                          uint32_t *words)
{
    const int32_t channels = p->input_channels, pitch = p->input_width * channels;
    const int as_it_lies = place->first == 0 && place->last == EDGEQ_WINOGRAD_SIDE && place->adjacent;
    for (int32_t channel = 0; channel < channels; channel += 4) {
        if (as_it_lies) {
            edgeq_winograd_positions(place->rows[0] + channel, pitch, channels, words);
        } else {
            uint32_t patch[EDGEQ_WINOGRAD_POSITIONS];
            edgeq_winograd_patch(p, place, channel, patch);
            edgeq_winograd_positions((const int8_t *)patch, 4 * EDGEQ_WINOGRAD_SIDE, 4, words);
        }
        words += 2 * EDGEQ_WINOGRAD_POSITIONS * EDGEQ_WINOGRAD_TILES;
    }
}

/* As much of one channel of a tile as lies within the output. */
static inline void edgeq_winograd_store(const edgeq_winograd_params *p, const uint32_t *sums, int32_t channel,
                                        const edgeq_winograd_goal *goal, const edgeq_winograd_form *form)
{
    const int32_t pixel = p->output_channels, row = p->output_width * pixel;
    const int is_whole = goal->rows >= 4 && goal->columns >= 4;
    int8_t whole[16], *to = goal->output + channel;
    const edgeq_winograd_tile tile = {sums,
                                      is_whole ? to : whole,
                                      (uint32_t)p->bias[channel],
                                      p->requant + form->entry * channel,
                                      is_whole ? row : 4,
                                      is_whole ? pixel : 1};
    form->outputs(&tile);
    if (!is_whole) {
        for (int32_t y = 0; y < 4 && y < goal->rows; y++, to += row) {
            for (int32_t x = 0; x < 4 && x < goal->columns; x++) {
                to[x * pixel] = whole[4 * y + x];
            }
        }
    }
}

EDGEQ_INLINE void edgeq_conv_winograd(const edgeq_winograd_params *p, const int8_t *input, int8_t *output,
                                      void *scratch, const edgeq_winograd_form *form)
{
    const int32_t channels = p->input_channels, pairs = EDGEQ_WINOGRAD_POSITIONS * channels / 2;
    const int32_t across = (p->output_width + 3) / 4, tiles = across * ((p->output_height + 3) / 4);
    uint32_t *const made = scratch, *const words = made + (p->stored ? 0 : 2 * pairs);
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
            const uint32_t *filters = made;
            if (p->stored) {
                filters = (const uint32_t *)(const void *)weights;
                weights += 8 * pairs;
            } else {
                EDGEQ_ROLLED
                for (int i = 0; i < 2; i++, weights += 9 * channels) {
                    edgeq_winograd_filter(weights, channels, made + i);
                }
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

/* Where the tiles of Winograd's convolution have their inputs and outputs. */
#ifndef EDGEQ_WINOGRAD_PLACES_H
#define EDGEQ_WINOGRAD_PLACES_H

#include <stdint.h>

#include "edgeq_arith.h"
#include "edgeq_winograd_params.h"
#include "edgeq_winograd_tiles.h"
#include "edgeq_words.h"

/* Where a tile's inputs lie. */
typedef struct {
    const int8_t *rows[EDGEQ_WINOGRAD_SIDE]; /* each at the tile's first column; NULL beyond the edge */
    int32_t first, last;                     /* columns that lie within the input */
    int adjacent;                            /* whether all rows lie one behind the other */
} edgeq_winograd_place;

/* Four channels of a tile at the edge: what lies beyond it is the zero point. */
static inline void edgeq_winograd_patch(const edgeq_winograd_params *p, const edgeq_winograd_place *place,
                                        int32_t channel, uint32_t *patch)
{
    const uint32_t beyond = (uint8_t)p->input_zero_point * 0x01010101u;
    EDGEQ_ROLLED
    for (int32_t row = 0; row < EDGEQ_WINOGRAD_SIDE; row++) {
        const int8_t *from = place->rows[row];
        const int32_t last = from ? place->last : place->first;
        from = from ? from + place->first * p->input_channels + channel : from;
        int32_t i = 0;
        EDGEQ_ROLLED
        for (; i < place->first; i++) {
            *patch++ = beyond;
        }
        EDGEQ_ROLLED
        for (; i < last; i++, from += p->input_channels) {
            *patch++ = edgeq_load_word(from);
        }
        EDGEQ_ROLLED
        for (; i < EDGEQ_WINOGRAD_SIDE; i++) {
            *patch++ = beyond;
        }
    }
}

/* Where a tile's outputs lie, and how many rows and columns of them lie within the output. */
typedef struct {
    int8_t *output;
    int32_t rows, columns;
} edgeq_winograd_goal;

/* Where the inputs of a tile lie; rows above `kept` were overwritten, and the last of them is in `carry`. */
static inline void edgeq_winograd_find(const edgeq_winograd_params *p, const int8_t *input, int32_t top, int32_t left,
                                       int32_t kept, const int8_t *carry, edgeq_winograd_place *place)
{
    const int32_t pitch = p->input_width * p->input_channels;
    place->first = left < 0 ? -left : 0;
    place->last = p->input_width - left < EDGEQ_WINOGRAD_SIDE ? p->input_width - left : EDGEQ_WINOGRAD_SIDE;
    place->adjacent = top >= kept && top >= 0 && top + EDGEQ_WINOGRAD_SIDE <= p->input_height;
    for (int32_t i = 0; i < EDGEQ_WINOGRAD_SIDE; i++) {
        const int32_t row = top + i;
        const int8_t *const from = row < kept ? carry : input + row * pitch;
        place->rows[i] = row < 0 || row >= p->input_height ? 0 : from + left * p->input_channels;
    }
}

#endif

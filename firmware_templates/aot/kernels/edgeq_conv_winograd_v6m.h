/* The 3x3 convolution by Winograd's F(4x4, 3x3), for cores without 32-bit Thumb instructions and long products: all but the
 * end of its tiles, which its forms differ in.
 *
 * As edgeq_conv_winograd_dsp.c, but that inputs are transformed to words, channels go one by one, and two halfwords are
 * transformed as one number in C: only what sums become is assembly.
 */
#ifndef EDGEQ_CONV_WINOGRAD_V6M_H
#define EDGEQ_CONV_WINOGRAD_V6M_H

#include <stdint.h>

#include "edgeq_sixteen.h"
#include "edgeq_winograd_params.h"
#include "edgeq_winograd_tiles.h"

/* Words of a channel's filter, of a block's inputs, of a block's sums. */
#define EDGEQ_WINOGRAD_FILTER(p) (EDGEQ_WINOGRAD_POSITIONS / 2 * (p)->input_channels)
#define EDGEQ_WINOGRAD_BLOCK(p) (EDGEQ_WINOGRAD_POSITIONS * EDGEQ_WINOGRAD_TILES * (p)->input_channels)
#define EDGEQ_WINOGRAD_ALL (EDGEQ_WINOGRAD_POSITIONS * EDGEQ_WINOGRAD_TILES)

/* Bytes of scratch: a channel's filter, unless they are stored, the blocks' inputs, a block's sums, and a row of inputs. */
static inline int32_t edgeq_winograd_scratch(const edgeq_winograd_params *p)
{
    const int32_t filter = p->stored ? 0 : EDGEQ_WINOGRAD_FILTER(p);
    return 4 * (filter + EDGEQ_WINOGRAD_BLOCK(p) * p->blocks + EDGEQ_WINOGRAD_ALL) + p->carry;
}

/* A channel has so many int32 elements in the table. */
void edgeq_conv_winograd_v6m(const edgeq_winograd_params *p, const int8_t *input, int8_t *output, void *scratch,
                             edgeq_sixteen_end *sixteen, int32_t row_words);

#endif

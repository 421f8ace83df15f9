/* What Winograd's convolution asks for, where channels go by pairs. */
#ifndef EDGEQ_WINOGRAD_SCRATCH_H
#define EDGEQ_WINOGRAD_SCRATCH_H

#include "edgeq_winograd_params.h"
#include "edgeq_winograd_tiles.h"

/* Bytes of scratch: two channels' filters, unless they are stored, the blocks' inputs, a block's sums, and a row of inputs. */
static inline int32_t edgeq_winograd_scratch(const edgeq_winograd_params *p)
{
    const int32_t pairs = EDGEQ_WINOGRAD_POSITIONS * p->input_channels / 2;
    return 4 * ((p->stored ? 0 : 2 * pairs) + EDGEQ_WINOGRAD_TILES * pairs * p->blocks + EDGEQ_WINOGRAD_POSITIONS * EDGEQ_WINOGRAD_SUMS) +
           p->carry;
}

#endif

/* The sizes of Winograd's F(4x4, 3x3), and of what is multiplied at once. */
#ifndef EDGEQ_WINOGRAD_TILES_H
#define EDGEQ_WINOGRAD_TILES_H

#define EDGEQ_WINOGRAD_POSITIONS 36 /* of a tile of 6x6 inputs */
#define EDGEQ_WINOGRAD_SUMS 8       /* of each position: [channel][tile] */
#define EDGEQ_WINOGRAD_SIDE 6      /* of a tile's inputs */
#define EDGEQ_WINOGRAD_TILES 4     /* multiplied at once: a block */
#define EDGEQ_WINOGRAD_BLOCKS 4    /* at most */

#endif

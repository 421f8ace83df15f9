/* Depthwise 3x3: some output rows of one channel after the other, from pairs of padded rows.
 *
 * A word holds an input column's values of two rows, 2p and 2p + 1. With stride 1, output rows 2p and 2p + 1 read the
 * pairs p and p + 1; with stride 2, output row p reads them.
 */
#ifndef EDGEQ_DEPTHWISE_ROWS_H
#define EDGEQ_DEPTHWISE_ROWS_H

#include <stdint.h>

#define EDGEQ_LANES 4 /* channels side by side in the words */

/* The assembly reads the fields by their offsets. */
typedef struct {
    const uint32_t *words; /* [pair][column][EDGEQ_LANES], from the first channel's lane on */
    const int8_t *weights; /* [channel][column] = {w0, w1, w1, w2} */
    const int32_t *bias;   /* [channel] */
    const int32_t *entry;  /* [channel], of the fast or signed form */
    int8_t *output;        /* the first row's first column of the first channel; the next channel's is beside it */
    int32_t rows;          /* of output, positive */
    int32_t lane_bytes;    /* from a channel's words to the next one's; 0 where channels share their words */
    int32_t channels;      /* positive */
    int32_t pair_bytes;    /* from a pair of rows to the next */
    int32_t columns;       /* of output, positive */
    int32_t row_bytes;     /* from an output row to the next */
    int32_t step;          /* from an output column to the next */
} edgeq_rows;

#endif

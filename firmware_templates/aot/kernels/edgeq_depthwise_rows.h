/* Depthwise 3x3: one channel of some output rows, from pairs of padded rows.
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
    const uint32_t *words; /* [pair][column][EDGEQ_LANES], from the channel's lane on */
    int32_t pair_bytes;    /* from a pair of rows to the next */
    const int8_t *weights; /* [column] = {w0, w1, w1, w2} */
    int32_t bias;
    const int32_t *entry;  /* of the fast or signed form */
    int8_t *output;        /* the first row's first column */
    int32_t row_bytes;     /* from an output row to the next */
    int32_t step;          /* from an output column to the next */
    int32_t columns, rows; /* of output, positive */
} edgeq_rows;

#endif

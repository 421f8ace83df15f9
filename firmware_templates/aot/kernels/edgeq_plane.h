/* One channel's padded plane of words, of which the sums of a depthwise 3x3 convolution are made in its place.
 *
 * Rows lie one behind the other, and sums go over all of them without regard to rows; those at a row's end mean nothing. A
 * column of padding at the left is that at the right of the row before, too. With stride 2 it is four planes: of even and odd columns of the even rows, and
 * of the odd rows. */
#ifndef EDGEQ_PLANE_H
#define EDGEQ_PLANE_H

#include <stdint.h>

/* The assembly reads the fields by their offsets. */
typedef struct {
    int32_t *words;
    int32_t *end;          /* of the sums; a multiple of four behind words */
    const int8_t *weights; /* [3][3] */
    int32_t row_bytes;
    int32_t step_bytes;    /* stride 1: of a row; stride 2: of a plane */
} edgeq_plane;

/* Where a plane has its words from: rows of bytes, and the zero point above, between and below them. */
typedef struct {
    int32_t between_bytes; /* of words */
    int32_t inside_more;   /* than four bytes of a row, or less */
    int32_t gap_bytes;     /* from behind a row's last byte to the next row's first */
    int32_t zero_point;
    int32_t step_bytes; /* from byte to byte */
    int32_t above_bytes;
    int32_t rows;
    int32_t below_bytes;
    const int8_t *from;
} edgeq_plane_source;

typedef struct {
    const int32_t *words;   /* sums */
    const int32_t *requant; /* a row of the table */
    int8_t *output;
    int32_t row_bytes; /* of a row's sums */
    int32_t rows;
    int32_t row_step, column_step; /* bytes of the output */
    int32_t gap_bytes;             /* between rows of sums */
} edgeq_plane_outputs;

#endif

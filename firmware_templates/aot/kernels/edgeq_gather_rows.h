/* The inputs under some positions of a convolution's kernel: what is copied, whichever way. */
#ifndef EDGEQ_GATHER_ROWS_H
#define EDGEQ_GATHER_ROWS_H

#include <stdint.h>

/* The assembly reads the fields by their offsets. */
typedef struct {
    const int8_t *from;  /* the first position's first row */
    uint32_t *words;     /* of the first position; the others' lie between */
    int8_t *patch;       /* room for what does not fill words */
    int32_t whole, rest; /* bytes of a row that fill words, and the others */
    int32_t gap;         /* from a row's end to the next row */
    int32_t rows;
    int32_t left_over; /* rows * rest, up to whole words */
    int32_t step;      /* from a position to the next */
    int32_t positions; /* 1 to 4 */
} edgeq_gather_rows;

#endif

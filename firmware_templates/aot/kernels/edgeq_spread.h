/* Rows of bytes of one channel, brought together to halfwords: each byte the upper one. */
#ifndef EDGEQ_SPREAD_H
#define EDGEQ_SPREAD_H

#include <stdint.h>

/* The assembly reads the fields by their offsets. */
typedef struct {
    const int8_t *from;
    int32_t step;     /* bytes from one to the next */
    int8_t *to;       /* the first halfword's upper byte */
    int32_t count;    /* of a row */
    int32_t row_step; /* bytes from behind a row to the next one */
    int32_t to_step;  /* the same of the halfwords */
    int32_t rows;     /* positive */
} edgeq_spread;

#endif

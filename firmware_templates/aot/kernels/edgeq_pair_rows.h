/* Depthwise 3x3: two rows of four channels, side by side in words. */
#ifndef EDGEQ_PAIR_ROWS_H
#define EDGEQ_PAIR_ROWS_H

#include <stdint.h>

/* The assembly reads the fields by their offsets. */
typedef struct {
    const int8_t *upper, *lower;
    int32_t upper_step, lower_step; /* in bytes, to the next column */
    int32_t count;                  /* of columns, positive */
    uint32_t *words;                /* [column][4], the upper row's value below the lower row's */
} edgeq_two_rows;

#endif

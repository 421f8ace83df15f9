/* Sixteen sums of one channel to 4x4 bytes. */
#ifndef EDGEQ_SIXTEEN_H
#define EDGEQ_SIXTEEN_H

#include <stdint.h>

/* The assembly reads the fields by their offsets. */
typedef struct {
    const int32_t *sums;
    const int32_t *requant; /* a row */
    int8_t *output;
    int32_t pixel_bytes;
    int32_t gap_bytes; /* from behind the fourth pixel of a row to the next row */
} edgeq_sixteen;

#endif

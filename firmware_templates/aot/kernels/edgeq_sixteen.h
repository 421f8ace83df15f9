/* One channel's sums of a tile, position by position, to 4x4 bytes. */
#ifndef EDGEQ_SIXTEEN_H
#define EDGEQ_SIXTEEN_H

#include <stdint.h>

/* The assembly reads the fields by their offsets. */
typedef struct {
    const uint32_t *sums;   /* [position][4 tiles], of the tile */
    const int32_t *requant; /* a row */
    int8_t *output;
    int32_t pixel_bytes;
    int32_t gap_bytes; /* from behind the fourth pixel of a row to the next row */
    int32_t bias;
} edgeq_sixteen;

typedef void edgeq_sixteen_end(const edgeq_sixteen *p);

#endif

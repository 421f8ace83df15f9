/* Pixels' windows, two pixels a word: [byte][4], word i holding pixel i and, times 65536, pixel i + 4. */
#ifndef EDGEQ_PACK_H
#define EDGEQ_PACK_H

#include <stdint.h>

/* The assembly reads the fields by their offsets. */
typedef struct {
    const int8_t *from[8]; /* each pixel's first byte */
    uint32_t *words;
    int32_t row_bytes; /* of a row of the windows; positive */
    int32_t rows;
    int32_t row_step; /* bytes from behind a row to the next one */
} edgeq_pack;

#endif

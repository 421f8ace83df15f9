/* Rows of a depthwise channel, six outputs at once: what depthwise 3x3 convolutions spend their time on for Armv7-M. */
#ifndef EDGEQ_SIXES_H
#define EDGEQ_SIXES_H

#include <stdint.h>

/* The assembly reads the fields by their offsets. */
typedef struct {
    const int16_t *plane;   /* the upper of three rows, each input times 256 */
    int32_t pitch;          /* bytes from row to row */
    const int32_t *weights; /* [3][3] */
    int32_t bias;           /* times 256 */
    const int32_t *entry;
    int8_t *output;
    int32_t step;      /* bytes to the next output */
    int32_t span;      /* bytes from a row's first place in the plane to that behind its sixes; positive */
    int32_t over;      /* outputs of a row's last six that it has in common with the one before; 0: there is none such */
    int32_t rows;      /* positive */
    int32_t row_pitch; /* bytes in the plane to the next row of outputs */
    int32_t row_bytes; /* the same in the output */
} edgeq_sixes;

#endif

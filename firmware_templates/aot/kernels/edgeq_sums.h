/* Sums of pairs of output channels of 4 pixels, which wait in scratch while parts of a window come one after the other. */
#ifndef EDGEQ_SUMS_H
#define EDGEQ_SUMS_H

#include <stdint.h>

/* The assembly reads the fields by their offsets. */
typedef struct {
    const uint32_t *inputs; /* [depth / 2][4] pairs of halfwords, of a part of the window */
    const int16_t *weights; /* [pairs][depth] of that part, 256 * odd + even */
    uint32_t *sums;         /* [pairs][2][4], even channels and both */
    int32_t depth;          /* a positive multiple of 4 */
    int32_t pairs;          /* positive */
} edgeq_part;

typedef struct {
    const uint32_t *sums;
    const int32_t *requant; /* entries of the fast or signed form */
    int8_t *output;         /* the first pixel's first channel */
    int32_t stride;         /* bytes to the next pixel */
    int32_t pairs;
} edgeq_sums;

#endif

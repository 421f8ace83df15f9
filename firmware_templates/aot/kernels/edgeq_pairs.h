/* Pairs of output channels of 4 pixels, or of one: what convolutions and fully connected layers spend their time on
 * where words of two halfwords are multiplied at once. */
#ifndef EDGEQ_PAIRS_H
#define EDGEQ_PAIRS_H

#include <stdint.h>

/* The assembly reads the fields by their offsets. */
typedef struct {
    const uint32_t *inputs; /* [depth / 2] pairs of halfwords, of 4 pixels alternating: [depth / 2][4] */
    const int16_t *weights; /* [pairs][depth], 256 * odd + even */
    const int32_t *bias;    /* [pairs][2] */
    const int32_t *requant; /* entries of the fast or signed form */
    int8_t *output;         /* the first pixel's first channel */
    int32_t stride;         /* bytes to the next pixel (of 4), or from an entry to the next (of one pixel) */
    int32_t depth;          /* a positive multiple of 4 */
    int32_t pairs;          /* positive */
} edgeq_pairs;

#endif

/* Pairs of output channels of 4 pixels, or of one, from weights that are halfwords in flash. */
#ifndef EDGEQ_HALFWORDS_H
#define EDGEQ_HALFWORDS_H

#include <stdint.h>

/* What an output is shifted right by, of all channels: an immediate of SSAT. */
#define EDGEQ_HALFWORDS_SHIFT 12

/* The assembly reads the fields by their offsets. A pair of channels in the stream, as words: the biases of both; for
 * each two inputs the weights of the even channel and those of the odd one; multiplier and addend of either. */
typedef struct {
    const uint32_t *inputs; /* [depth / 2] pairs of halfwords, of 4 pixels alternating: [depth / 2][4] */
    const int16_t *stream;
    int8_t *output; /* the first pixel's first channel */
    int32_t stride; /* bytes to the next pixel, of 4 */
    int32_t depth;  /* a positive multiple of 4 */
    int32_t pairs;  /* positive */
} edgeq_halfwords;

#endif

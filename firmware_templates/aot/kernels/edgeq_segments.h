/* The channels of 8 pixels, two pixels a word: what convolutions spend their time on where there are no products of
 * halfwords. */
#ifndef EDGEQ_SEGMENTS_H
#define EDGEQ_SEGMENTS_H

#include <stdint.h>

/* A channel's weights are cut into segments, so short that a segment's sums fit a halfword whatever the inputs. A segment is
 * a byte, its number of weights less one, plus 16 in a channel's last one; then the weights. */
#define EDGEQ_SEGMENT_LAST 16

/* The assembly reads the fields by their offsets. */
typedef struct {
    const uint32_t *words; /* [depth][4]: word i holds pixel i and, times 65536, pixel i + 4 */
    uint32_t *sums;        /* [segments - 1][4] words to work in */
    const int8_t *weights; /* [channel]: segments */
    const int32_t *bias;   /* [channel][2]: of pixels 0-3 and of pixels 4-7, times 256 */
    const int32_t *requant;
    int8_t *output; /* the first pixel's first channel */
    int32_t stride; /* bytes to the next pixel */
    int8_t *end;    /* of the first pixel's channels */
} edgeq_segments;

#endif

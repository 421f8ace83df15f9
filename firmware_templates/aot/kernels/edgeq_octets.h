/* Eight output channels of a row at once, four bytes of weights a word: what fully connected layers spend their time on for
 * Armv7-M. */
#ifndef EDGEQ_OCTETS_H
#define EDGEQ_OCTETS_H

#include <stdint.h>

/* Weights, each with 128 added, are bytes w0 to w3 of a word and w4 to w7 of the next. The word as it is times an input, less
 * 256 times (w1 + 65536 * w3) times it, is (w0 + 65536 * w2) times it. So there are four sums of two channels each; they are
 * cut into segments as edgeq_segments.h says. A segment is a word, and two words an input. The word: in its low byte how many
 * steps of the first sixteen are left out, in the next one the number of sixteens, above where the segment's inputs end.
 *
 * The assembly reads the fields by their offsets. */
typedef struct {
    const int8_t *inputs;
    uint32_t *sums;         /* [segments][4] words to work in */
    const uint32_t *totals; /* [depth + 1]: -128 * 65537 times the sum of the inputs before */
    const uint8_t *weights;
    const int32_t *bias; /* [eight channels] of w0, w1, w2, w3, ...; those of w2, w3, w6, w7 are of upper halfwords */
    const int32_t *requant;
    int8_t *output;
    int32_t requant_step; /* bytes from an entry to the next */
    const int8_t *end;    /* of the inputs */
    int8_t *output_end;
} edgeq_octets;

#endif

/* The output channels of a row of words, eight at once: what fully connected layers spend their time on.
 *
 * A word of weights holds four channels' bytes u0 to u3, each 128 more than the weight. Three products of it, or of a part of
 * it, with an input are four products of a byte: docs/kernels.md says how their sums are taken apart. */
#ifndef EDGEQ_WORDS_ROW_H
#define EDGEQ_WORDS_ROW_H

#include <stdint.h>

/* The assembly reads the fields by their offsets. */
typedef struct {
    const int32_t *words;    /* by spans, a multiple of four each; behind a span the sum of it */
    const int32_t *last;     /* the last span's sum */
    int32_t span_bytes;      /* of a span but for the last one, which may be shorter: sums of products stay below 2^23 */
    const uint32_t *weights; /* [eights of channels][words without sums][2] */
    const int32_t *bias;     /* [eights of channels][8] */
    const int32_t *requant;
    int32_t requant_step; /* bytes from a channel's row to the next one's */
    int8_t *output;
    int32_t channels; /* positive */
} edgeq_words_row;

#endif

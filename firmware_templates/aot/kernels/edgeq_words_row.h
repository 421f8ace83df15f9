/* The output channels of a row of words: what fully connected layers spend their time on. */
#ifndef EDGEQ_WORDS_ROW_H
#define EDGEQ_WORDS_ROW_H

#include <stdint.h>

/* The assembly reads the fields by their offsets. */
typedef struct {
    const int32_t *words; /* a multiple of four */
    const int32_t *end;
    const uint8_t *weights; /* [channel][words], each 128 more than it is */
    const int32_t *bias;
    const int32_t *requant;
    int8_t *output;
    int32_t channels;     /* positive */
    int32_t requant_step; /* bytes from a channel's row to the next one's */
    int32_t shift;        /* -128 times the sum of the words */
} edgeq_words_row;

#endif

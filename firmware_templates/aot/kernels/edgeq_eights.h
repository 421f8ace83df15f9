/* Eight pixels of output channels: what convolutions spend their time on where a product of words is one word.
 *
 * An input of eight pixels x0 to x7 is five words: xi + 65536 x(i+4) for i of 0 to 3, and x4 + 16 x5 + 256 x6 + 4096 x7.
 * docs/kernels.md says how sums of products with them are taken apart. */
#ifndef EDGEQ_EIGHTS_H
#define EDGEQ_EIGHTS_H

#include <stdint.h>

#define EDGEQ_FIVE 5     /* words of an input */
#define EDGEQ_SIXTEEN 16 /* inputs that the assembly goes over in a row: a span but the last is a multiple of them */

/* What a span's sums begin with: what 128 times its inputs takes back, and for the last word half of each digit. */
#define EDGEQ_DIGITS 0x88888888u

/* The assembly reads the fields by their offsets. */
typedef struct {
    const uint32_t *inputs;
    const uint32_t *end;    /* behind them */
    int32_t span_bytes;     /* of a span but the last, for channels whose sums are taken apart more than once */
    int32_t entry;          /* where to jump into the run of sixteen for the last span: 24 bytes of code an input */
    int32_t skip;           /* the inputs that are left out with it */
    const uint8_t *weights; /* [channels][inputs], each 128 more than it is */
    const int32_t *requant; /* a row a channel; 2^24 and more in its first word: sums are taken apart span by span */
    int8_t *output;         /* the first pixel's */
    int32_t stride;         /* bytes from pixel to pixel of the output */
    int32_t channels;       /* positive */
    const uint32_t *begins; /* five words that sums begin with: of all inputs, and of each span if there are several */
} edgeq_eights;

/* Inputs from `first` to `end` of eight pixels, to words; what they sum up to is added to `sums`. */
typedef struct {
    const int8_t *from[8];
    uint32_t *words;
    int32_t first, end;
    uint32_t *sums;
} edgeq_pixels;

#endif

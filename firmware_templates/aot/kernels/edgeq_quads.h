/* Four output channels of one row of inputs: what fully connected layers spend their time on. */
#ifndef EDGEQ_QUADS_H
#define EDGEQ_QUADS_H

#include <stdint.h>

/* The assembly reads the fields by their offsets. */
typedef struct {
    const uint32_t *inputs; /* [depth / 2] pairs of halfwords; or [depth / 4] words of bytes, at any address */
    const int16_t *weights; /* [quads][depth / 4][2 pairs of channels][4], 256 * odd + even */
    const int32_t *bias;    /* [quads][4], by pairs */
    const int32_t *requant; /* entries of the fast or signed form */
    int8_t *output;
    int32_t stride; /* bytes from the entries of four channels to the next ones'; 0: the same for all */
    int32_t depth;  /* a positive multiple of 4 */
    int32_t quads;  /* positive */
} edgeq_quads;

#endif

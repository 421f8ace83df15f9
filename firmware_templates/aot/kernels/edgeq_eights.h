/* Eight pixels of up to sixteen output channels: what convolutions spend their time on where a product of words is two
 * products of a byte and halfwords. docs/kernels.md says how. */
#ifndef EDGEQ_EIGHTS_H
#define EDGEQ_EIGHTS_H

#include <stdint.h>

/* The assembly reads the fields by their offsets. */
typedef struct {
    const uint32_t *inputs; /* [depth][4]: a pixel, and the fourth after it times 2^16 */
    const uint32_t *end;    /* behind them */
    const int8_t *weights;  /* [depth][16] */
    const uint8_t *steps;   /* how many inputs follow, until the sums must be taken apart; goes on */
    const int32_t *requant; /* a row a channel; goes on */
    int8_t *output;         /* the first pixel's; goes on by a channel each */
    int32_t channels;       /* 1 to 16 */
    int32_t stride;         /* bytes from pixel to pixel of the output */
} edgeq_eights;

/* What a byte of steps stands for: EDGEQ_EIGHTS_MORE inputs and what the next byte says, or up to EDGEQ_EIGHTS_MORE + 2.
 * It is the way that the assembly jumps: 2 + 20 for each input that is left out of so many, and one is farthest. */
#define EDGEQ_EIGHTS_MORE 7

#endif

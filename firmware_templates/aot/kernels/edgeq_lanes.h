/* Four bytes of a word at once, for sums, on cores with the DSP extension. */
#ifndef EDGEQ_LANES_H
#define EDGEQ_LANES_H

#include "edgeq_arith.h"
#include "edgeq_dsp.h"

/* Values that a 16-bit half can sum. */
#define EDGEQ_LANES_HOLD 255

/* Sums of four columns of bytes: the 16-bit halves of `even` are columns 0 and 2, of `odd` 1 and 3. */
typedef struct {
    uint32_t even, odd;
} edgeq_lanes;

EDGEQ_INLINE void edgeq_lanes_add(edgeq_lanes *sums, const int8_t *bytes)
{
    const uint32_t x = edgeq_load_word(bytes);
    sums->even = edgeq_add_bytes_02(sums->even, x);
    sums->odd = edgeq_add_bytes_13(sums->odd, x);
}

EDGEQ_INLINE int32_t edgeq_lane(const edgeq_lanes *sums, int32_t column)
{
    const uint32_t pair = (column & 1) != 0 ? sums->odd : sums->even;
    return (int16_t)(column < 2 ? pair & 0xFFFFu : pair >> 16);
}

#endif

/* Four bytes of a word at once, for sums and maxima. With EDGEQ_EMULATE_DSP a host runs the same paths. */
#ifndef EDGEQ_LANES_H
#define EDGEQ_LANES_H

#include "edgeq_arith.h"

/* Values that a 16-bit half can sum. */
#define EDGEQ_LANES_HOLD 255

/* Sums of four columns of bytes: the 16-bit halves of `even` are columns 0 and 2, of `odd` 1 and 3. */
typedef struct {
    uint32_t even, odd;
} edgeq_lanes;

#if defined(__ARM_FEATURE_DSP)
EDGEQ_INLINE void edgeq_lanes_add(edgeq_lanes *sums, const int8_t *bytes)
{
    const uint32_t x = edgeq_load_word(bytes);
    __asm("sxtab16 %0, %0, %1" : "+r"(sums->even) : "r"(x));
    __asm("sxtab16 %0, %0, %1, ror #8" : "+r"(sums->odd) : "r"(x));
}

EDGEQ_INLINE uint32_t edgeq_larger_bytes(uint32_t a, uint32_t b)
{
    uint32_t difference; /* its signs are flags for SEL */
    __asm("ssub8 %0, %2, %1\n\tsel %1, %2, %1" : "=&r"(difference), "+r"(b) : "r"(a) : "cc");
    return b;
}
#elif EDGEQ_DSP
EDGEQ_INLINE uint32_t edgeq_add_halves(uint32_t a, uint32_t b)
{
    return edgeq_pair(edgeq_low(a) + edgeq_low(b), edgeq_high(a) + edgeq_high(b));
}

EDGEQ_INLINE void edgeq_lanes_add(edgeq_lanes *sums, const int8_t *bytes)
{
    const uint32_t x = edgeq_load_word(bytes);
    sums->even = edgeq_add_halves(sums->even, edgeq_widen_02(x));
    sums->odd = edgeq_add_halves(sums->odd, edgeq_widen_13(x));
}

EDGEQ_INLINE uint32_t edgeq_larger_bytes(uint32_t a, uint32_t b)
{
    uint32_t larger = 0;
    for (int shift = 0; shift < 32; shift += 8) {
        const uint32_t mask = 0xFFu << shift;
        larger |= ((int8_t)(a >> shift & 0xFFu) > (int8_t)(b >> shift & 0xFFu) ? a : b) & mask;
    }
    return larger;
}
#endif

EDGEQ_INLINE int32_t edgeq_lane(const edgeq_lanes *sums, int32_t column)
{
    const uint32_t pair = (column & 1) != 0 ? sums->odd : sums->even;
    return (int16_t)(column < 2 ? pair & 0xFFFFu : pair >> 16);
}

#endif

/* The instructions of edgeq_dsp.h in C, with which a host runs the kernels of cores with the DSP extension. */
#ifndef EDGEQ_DSP_EMULATED_H
#define EDGEQ_DSP_EMULATED_H

#include <stdint.h>

#include "edgeq_arith.h"
#include "edgeq_words.h"

EDGEQ_INLINE int32_t edgeq_low(uint32_t pair) { return (int16_t)(pair & 0xffffu); }
EDGEQ_INLINE int32_t edgeq_high(uint32_t pair) { return (int16_t)(pair >> 16); }
EDGEQ_INLINE uint32_t edgeq_pair(int32_t low, int32_t high)
{
    return ((uint32_t)low & 0xffffu) | ((uint32_t)high << 16);
}
EDGEQ_INLINE uint32_t edgeq_widen_02(uint32_t bytes)
{
    return edgeq_pair((int8_t)(bytes & 0xffu), (int8_t)((bytes >> 16) & 0xffu));
}
EDGEQ_INLINE uint32_t edgeq_widen_13(uint32_t bytes)
{
    return edgeq_pair((int8_t)((bytes >> 8) & 0xffu), (int8_t)(bytes >> 24));
}
EDGEQ_INLINE uint32_t edgeq_smlad(uint32_t a, uint32_t b, uint32_t sum)
{
    return edgeq_mac(edgeq_mac(sum, edgeq_low(a), edgeq_low(b)), edgeq_high(a), edgeq_high(b));
}
EDGEQ_INLINE uint32_t edgeq_smlabb(uint32_t a, uint32_t b, uint32_t sum)
{
    return edgeq_mac(sum, edgeq_low(a), edgeq_low(b));
}
EDGEQ_INLINE uint32_t edgeq_smlabt(uint32_t a, uint32_t b, uint32_t sum)
{
    return edgeq_mac(sum, edgeq_low(a), edgeq_high(b));
}
EDGEQ_INLINE uint32_t edgeq_smlatb(uint32_t a, uint32_t b, uint32_t sum)
{
    return edgeq_mac(sum, edgeq_high(a), edgeq_low(b));
}
EDGEQ_INLINE uint32_t edgeq_smlatt(uint32_t a, uint32_t b, uint32_t sum)
{
    return edgeq_mac(sum, edgeq_high(a), edgeq_high(b));
}

EDGEQ_INLINE uint32_t edgeq_add_pairs(uint32_t a, uint32_t b)
{
    return edgeq_pair(edgeq_low(a) + edgeq_low(b), edgeq_high(a) + edgeq_high(b));
}
EDGEQ_INLINE uint32_t edgeq_subtract_pairs(uint32_t a, uint32_t b)
{
    return edgeq_pair(edgeq_low(a) - edgeq_low(b), edgeq_high(a) - edgeq_high(b));
}
EDGEQ_INLINE uint32_t edgeq_add_bytes_02(uint32_t pair, uint32_t bytes)
{
    return edgeq_add_pairs(pair, edgeq_widen_02(bytes));
}
EDGEQ_INLINE uint32_t edgeq_add_bytes_13(uint32_t pair, uint32_t bytes)
{
    return edgeq_add_pairs(pair, edgeq_widen_13(bytes));
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

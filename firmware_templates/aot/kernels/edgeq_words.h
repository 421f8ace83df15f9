/* Words of bytes and halfwords, in C. */
#ifndef EDGEQ_WORDS_H
#define EDGEQ_WORDS_H

#include <stdint.h>

#include "edgeq_arith.h"

/* A word from any address, which every core with the DSP extension can load. */
EDGEQ_INLINE uint32_t edgeq_load_word(const void *address)
{
    uint32_t word;
    __builtin_memcpy(&word, address, 4);
    return word;
}

/* (low halfword of low, low halfword of high) and (high of low, high of high). */
EDGEQ_INLINE uint32_t edgeq_pack_bottoms(uint32_t low, uint32_t high) { return (low & 0xffffu) | (high << 16); }
EDGEQ_INLINE uint32_t edgeq_pack_tops(uint32_t low, uint32_t high) { return (low >> 16) | (high & 0xffff0000u); }

#endif

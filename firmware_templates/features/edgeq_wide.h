/* Products of two words, and sums of them, for features. */
#ifndef EDGEQ_WIDE_H
#define EDGEQ_WIDE_H

#include <stdint.h>

#if (defined(__ARM_ARCH_ISA_THUMB) && __ARM_ARCH_ISA_THUMB == 1) || defined(EDGEQ_SHORT_MULTIPLY)
/* A core without long products: by halves, which fit into a word. */

/* (a * b + c * d) >> 15 rounded down, b and d within int16, where (a, c) is no longer than 2^30. */
static inline int32_t edgeq_turned(int32_t a, int32_t b, int32_t c, int32_t d)
{
    return (a >> 15) * b + (c >> 15) * d + (((a & 0x7FFF) * b + (c & 0x7FFF) * d) >> 15);
}

/* a * a, where a is within 2^29. */
static inline uint64_t edgeq_square(int32_t a)
{
    const uint32_t size = (uint32_t)(a < 0 ? -a : a);
    const uint32_t high = size >> 15, low = size & 0x7FFFu;
    return ((uint64_t)(high * high) << 30) + ((uint64_t)(high * low) << 16) + low * low;
}

/* a * b, where b is within 2^16 and the product within 2^64. */
static inline uint64_t edgeq_weighted(uint64_t a, uint32_t b)
{
    const uint32_t low = (uint32_t)a, high = (uint32_t)(a >> 32);
    return ((uint64_t)(high * b) << 32) + ((uint64_t)((low >> 16) * b) << 16) + (low & 0xFFFFu) * b;
}
#else
static inline int32_t edgeq_turned(int32_t a, int32_t b, int32_t c, int32_t d)
{
    return (int32_t)(((int64_t)a * b + (int64_t)c * d) >> 15);
}

static inline uint64_t edgeq_square(int32_t a)
{
    return (uint64_t)((int64_t)a * a);
}

static inline uint64_t edgeq_weighted(uint64_t a, uint32_t b)
{
    return a * b;
}
#endif

/* How many bits a number takes; 0 for 0. */
static inline int32_t edgeq_bits(uint32_t a)
{
    return a == 0u ? 0 : 32 - __builtin_clz(a);
}

#endif

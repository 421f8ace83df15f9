/* What the multiply-accumulate kernels of every core are made of: sums and requantization.
 *
 * Accumulators are unsigned: sums wrap modulo 2^32, as the offline preparation expects.
 */
#ifndef EDGEQ_ARITH_H
#define EDGEQ_ARITH_H

#include <stdint.h>

#define EDGEQ_INLINE static inline __attribute__((always_inline))
/* What has a loop's registers to itself only in a function of its own. */
#define EDGEQ_OUTLINED static __attribute__((noinline))

/* In C on another machine what is assembly on the core. */
#define EDGEQ_EMULATED static __attribute__((unused)) void

/* EDGEQ_SMALL: what runs seldom, or spends its time in functions that it calls; short is better than fast.
 * EDGEQ_ROLLED: before a loop that is short most of the time; unrolled it would be long and no faster. EDGEQ_UNROLLED:
 * before one whose array is in registers only if it is unrolled. */
#if defined(__clang__)
#define EDGEQ_SMALL __attribute__((minsize))
#define EDGEQ_ROLLED _Pragma("clang loop unroll(disable) vectorize(disable)")
#define EDGEQ_UNROLLED _Pragma("clang loop unroll(full)")
#else
#define EDGEQ_SMALL __attribute__((cold))
#define EDGEQ_ROLLED
#define EDGEQ_UNROLLED _Pragma("GCC unroll 16")
#endif

EDGEQ_INLINE uint32_t edgeq_mac(uint32_t accumulator, int32_t a, int32_t b)
{
    return accumulator + (uint32_t)(a * b);
}

EDGEQ_INLINE int32_t edgeq_saturate8(int32_t x) { return x < -128 ? -128 : x > 127 ? 127 : x; }

/* Requantization, by the table's entries: docs/kernels.md says why each is exact. */
typedef enum { EDGEQ_FAST, EDGEQ_SIGNED, EDGEQ_EXACT } edgeq_form;
#define EDGEQ_ENTRY(form) ((form) == EDGEQ_EXACT ? 8 : (form) == EDGEQ_SIGNED ? 4 : 2) /* int32 elements of an entry */

/* (scaled * multiplier) >> 32 where the low 8 bits of scaled are zero and the multiplier is not negative. */
EDGEQ_INLINE int32_t edgeq_multiply_high(int32_t scaled, int32_t multiplier)
{
#if (defined(__ARM_ARCH_ISA_THUMB) && __ARM_ARCH_ISA_THUMB == 1) || defined(EDGEQ_SHORT_MULTIPLY)
    /* Without a long multiplication: by 16-bit halves, of which no sum leaves 32 bits. */
    const int32_t high = scaled >> 16, low = (scaled >> 8) & 0xff;
    const int32_t multiplier_high = multiplier >> 16, multiplier_low = multiplier & 0xffff;
    const int32_t carry = (int32_t)((uint32_t)(low * multiplier_low) >> 8);
    return high * multiplier_high + ((((high * multiplier_low + carry) >> 8) + low * multiplier_high) >> 8);
#else
    return (int32_t)(((int64_t)scaled * multiplier) >> 32);
#endif
}

/* Fast and signed forms: scaled is 256 times the accumulator. A fast entry is multiplier, 256 * addend + shift; a signed
 * one multiplier, addend, shift, correction. */
EDGEQ_INLINE int8_t edgeq_requantize(uint32_t scaled, const int32_t *entry, edgeq_form form)
{
    const int32_t x = (int32_t)scaled;
    uint32_t y = (uint32_t)edgeq_multiply_high(x, entry[0]);
    if (form == EDGEQ_FAST) {
        return (int8_t)edgeq_saturate8((int32_t)(y + (uint32_t)(entry[1] >> 8)) >> (entry[1] & 0xff));
    }
    y += (uint32_t)entry[1] + ((uint32_t)(x >> 31) & (uint32_t)entry[3]);
    return (int8_t)edgeq_saturate8((int32_t)y >> entry[2]);
}

/* Narrower bounds than int8's, by a fused activation that does not end where int8 does. */
static inline void edgeq_bound(int8_t *values, int32_t count, int32_t low, int32_t high)
{
    if (low == -128 && high == 127) {
        return;
    }
    const int8_t *const end = values + count;
    EDGEQ_ROLLED
    while (values != end) {
        const int32_t x = *values;
        *values++ = (int8_t)(x < low ? low : x > high ? high : x);
    }
}

EDGEQ_INLINE int64_t edgeq_long(const int32_t *words)
{
    return (int64_t)(((uint64_t)(uint32_t)words[1] << 32) | (uint32_t)words[0]);
}

/* Exact form: entry is multiplier, addend, correction (two words each), left shift, right shift. */
EDGEQ_INLINE int8_t edgeq_requantize_exact(uint32_t accumulator, const int32_t *entry, int32_t zero_point,
                                           int32_t low, int32_t high)
{
    const int32_t x = (int32_t)(accumulator << entry[6]);
    int64_t y = x * edgeq_long(entry) + edgeq_long(entry + 2);
    if (x < 0) {
        y += edgeq_long(entry + 4);
    }
    y = (y >> entry[7]) + zero_point;
    return (int8_t)(y < low ? low : y > high ? high : y);
}

#endif

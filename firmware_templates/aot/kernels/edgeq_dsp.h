/* The instructions of the DSP extension (Cortex-M4, M7, M33, M55): two 16-bit or four 8-bit numbers in a word. */
#ifndef EDGEQ_DSP_H
#define EDGEQ_DSP_H

#include <stdint.h>

#include "edgeq_arith.h"
#include "edgeq_words.h"

#if defined(__ARM_FEATURE_DSP)
#include <arm_acle.h>

/* Bytes 0 and 2 of a word as halfwords, bytes 1 and 3. */
EDGEQ_INLINE uint32_t edgeq_widen_02(uint32_t bytes) { return (uint32_t)__sxtb16((int8x4_t)bytes); }
EDGEQ_INLINE uint32_t edgeq_widen_13(uint32_t bytes)
{
    return (uint32_t)__sxtb16((int8x4_t)((bytes >> 8) | (bytes << 24)));
}
EDGEQ_INLINE uint32_t edgeq_smlad(uint32_t a, uint32_t b, uint32_t sum)
{
    return (uint32_t)__smlad((int16x2_t)a, (int16x2_t)b, (int32_t)sum);
}
EDGEQ_INLINE uint32_t edgeq_smlabb(uint32_t a, uint32_t b, uint32_t sum)
{
    return (uint32_t)__smlabb((int32_t)a, (int32_t)b, (int32_t)sum);
}
EDGEQ_INLINE uint32_t edgeq_smlabt(uint32_t a, uint32_t b, uint32_t sum)
{
    return (uint32_t)__smlabt((int32_t)a, (int32_t)b, (int32_t)sum);
}
EDGEQ_INLINE uint32_t edgeq_smlatb(uint32_t a, uint32_t b, uint32_t sum)
{
    return (uint32_t)__smlatb((int32_t)a, (int32_t)b, (int32_t)sum);
}
EDGEQ_INLINE uint32_t edgeq_smlatt(uint32_t a, uint32_t b, uint32_t sum)
{
    return (uint32_t)__smlatt((int32_t)a, (int32_t)b, (int32_t)sum);
}

/* The same, added to a pair of halfwords. */
EDGEQ_INLINE uint32_t edgeq_add_bytes_02(uint32_t pair, uint32_t bytes)
{
    uint32_t sum;
    __asm__("sxtab16 %0, %1, %2" : "=r"(sum) : "r"(pair), "r"(bytes));
    return sum;
}
EDGEQ_INLINE uint32_t edgeq_add_bytes_13(uint32_t pair, uint32_t bytes)
{
    uint32_t sum;
    __asm__("sxtab16 %0, %1, %2, ror #8" : "=r"(sum) : "r"(pair), "r"(bytes));
    return sum;
}

/* Halfword by halfword, modulo 2^16. */
EDGEQ_INLINE uint32_t edgeq_add_pairs(uint32_t a, uint32_t b)
{
    return (uint32_t)__sadd16((int16x2_t)a, (int16x2_t)b);
}
EDGEQ_INLINE uint32_t edgeq_subtract_pairs(uint32_t a, uint32_t b)
{
    return (uint32_t)__ssub16((int16x2_t)a, (int16x2_t)b);
}

/* Of each byte the larger, signed. */
EDGEQ_INLINE uint32_t edgeq_larger_bytes(uint32_t a, uint32_t b)
{
    uint32_t difference; /* its signs are flags for SEL */
    __asm__("ssub8 %0, %2, %1\n\tsel %1, %2, %1" : "=&r"(difference), "+r"(b) : "r"(a) : "cc");
    return b;
}

#else /* on another machine: what they compute, in C */
#include "edgeq_dsp_emulated.h"
#endif

#endif

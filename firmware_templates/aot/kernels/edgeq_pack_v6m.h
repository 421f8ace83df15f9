/* Bytes of two pixels to words of both, for cores without 32-bit Thumb instructions and long products. */
#ifndef EDGEQ_PACK_V6M_H
#define EDGEQ_PACK_V6M_H

#include <stdint.h>

#include "edgeq_v6m.h"

#if defined(__ARM_ARCH_ISA_THUMB) && __ARM_ARCH_ISA_THUMB == 1

/* One byte of each, r2 behind the end of both, to a word. */
#define EDGEQ_PACK_BYTE(place)                                                                                     \
    "ldrsb r4, [r0, r2]\n\t"                                                                                      \
    "ldrsb r5, [r1, r2]\n\t"                                                                                      \
    "lsls r5, r5, #16\n\t"                                                                                        \
    "adds r4, r4, r5\n\t"                                                                                         \
    "str r4, [r3, #" place "]\n\t"                                                                                \
    "adds r2, #1\n\t"

/* Words 16 bytes apart: a byte of the first, and one of the second times 2^16; at least one. */
EDGEQ_ASSEMBLY edgeq_pack(const int8_t *low __attribute__((unused)), const int8_t *high __attribute__((unused)),
                          int32_t count __attribute__((unused)), uint32_t *words __attribute__((unused)))
{
    __asm__ volatile(
        ".syntax unified\n\t"
        "push {r4-r6, lr}\n\t"
        "adds r0, r0, r2\n\t"
        "adds r1, r1, r2\n\t"
        "movs r6, #3\n\t"
        "ands r6, r2\n\t"
        "rsbs r2, r2, #0\n\t"
        "b 2f\n"
        "1:\n\t" /* what is beyond fours */
        EDGEQ_PACK_BYTE("0")
        "adds r3, #16\n\t"
        "subs r6, #1\n"
        "2:\n\t"
        "cmp r6, #0\n\t"
        "bne 1b\n\t"
        "cmp r2, #0\n\t"
        "beq 4f\n"
        "3:\n\t"
        EDGEQ_PACK_BYTE("0") EDGEQ_PACK_BYTE("16") EDGEQ_PACK_BYTE("32")
        "ldrsb r4, [r0, r2]\n\t"
        "ldrsb r5, [r1, r2]\n\t"
        "lsls r5, r5, #16\n\t"
        "adds r4, r4, r5\n\t"
        "str r4, [r3, #48]\n\t"
        "adds r3, #64\n\t"
        "adds r2, #1\n\t"
        "bne 3b\n"
        "4:\n\t"
        "pop {r4-r6, pc}\n\t");
}

#else /* on another machine: what it computes, in C */
#include "edgeq_pack_v6m_emulated.h"
#endif

#endif

/* The bytes of 8 windows to words of two, for Armv7-M. */
#ifndef EDGEQ_PACK_V7M_H
#define EDGEQ_PACK_V7M_H

#include "edgeq_pack.h"
#include "edgeq_requantize_v7m.h"

#if defined(__ARM_ARCH_ISA_THUMB) && __ARM_ARCH_ISA_THUMB == 2

#define EDGEQ_PACK_TWO(to, low, high)      \
    "ldrsb " to ", [" low "], #1\n\t"     \
    "ldrsb r12, [" high "], #1\n\t"       \
    "add " to ", " to ", r12, lsl #16\n\t"
#define EDGEQ_PACK_EIGHT                                                                                         \
    EDGEQ_PACK_TWO("r8", "r0", "r4") EDGEQ_PACK_TWO("r9", "r1", "r5") EDGEQ_PACK_TWO("r10", "r2", "r6")          \
    EDGEQ_PACK_TWO("r11", "r3", "r7")                                                                            \
    "stmia lr!, {r8, r9, r10, r11}\n\t"

/* Stack: 0 end of a row's words, 4 end of all, 8 bytes of a row's words, 12 from a row to the next. */
EDGEQ_ASSEMBLY edgeq_pack_8(const edgeq_pack *all __attribute__((unused)))
{
    __asm__ volatile(
        "push {r4-r11, lr}\n\t"
        "sub sp, #20\n\t"
        "add r8, r0, #32\n\t"
        "ldmia r8, {r8, r9, r10, r11}\n\t"
        "mov lr, r8\n\t"
        "lsl r9, r9, #4\n\t"
        "mla r10, r9, r10, r8\n\t"
        "add r8, r8, r9\n\t"
        "strd r8, r10, [sp]\n\t"
        "strd r9, r11, [sp, #8]\n\t"
        "ldmia r0, {r0, r1, r2, r3, r4, r5, r6, r7}\n"
        "1:\n\t" /* a row, of which the loop takes two bytes at once */
        "ldr r12, [sp, #8]\n\t"
        "tst r12, #16\n\t"
        "bne 3f\n"
        "2:\n\t"
        EDGEQ_PACK_EIGHT
        "3:\n\t"
        EDGEQ_PACK_EIGHT
        "ldr r12, [sp]\n\t"
        "cmp lr, r12\n\t"
        "bne 2b\n\t"
        "ldr r8, [sp, #4]\n\t"
        "cmp lr, r8\n\t"
        "beq 4f\n\t"
        "ldrd r8, r9, [sp, #8]\n\t"
        "add r12, r12, r8\n\t"
        "str r12, [sp]\n\t"
        "add r0, r0, r9\n\tadd r1, r1, r9\n\tadd r2, r2, r9\n\tadd r3, r3, r9\n\t"
        "add r4, r4, r9\n\tadd r5, r5, r9\n\tadd r6, r6, r9\n\tadd r7, r7, r9\n\t"
        "b 1b\n"
        "4:\n\t"
        "add sp, #20\n\t"
        "pop {r4-r11, pc}\n\t");
}

#else /* on another machine: what it computes, in C */
#include "edgeq_pack_v7m_emulated.h"
#endif

#endif

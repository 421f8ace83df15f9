/* Rows of bytes of one channel to the upper bytes of halfwords, for Armv7-M: eight bytes in 21 instructions.
 *
 * It is assembly because compilers compute each address by itself.
 */
#ifndef EDGEQ_SPREAD_V7M_H
#define EDGEQ_SPREAD_V7M_H

#include "edgeq_requantize_v7m.h"
#include "edgeq_spread.h"

#if defined(__ARM_ARCH_ISA_THUMB) && __ARM_ARCH_ISA_THUMB == 2

#define EDGEQ_SPREAD_FOUR(first, second, third, fourth) \
    "ldrb r4, [r0]\n\t"                                \
    "ldrb r5, [r0, r1]\n\t"                            \
    "ldrb r6, [r0, r1, lsl #1]\n\t"                    \
    "ldrb r7, [r0, r3]\n\t"                            \
    "add r0, r0, r1, lsl #2\n\t"                       \
    "strb r4, [r2, #" first "]\n\t"                    \
    "strb r5, [r2, #" second "]\n\t"                   \
    "strb r6, [r2, #" third "]\n\t"                    \
    "strb r7, [r2, #" fourth "]\n\t"

EDGEQ_ASSEMBLY edgeq_spread_rows(const edgeq_spread *all __attribute__((unused)))
{
    __asm__ volatile(
        "push {r4-r11, lr}\n\t"
        "ldmia r0, {r0, r1, r2, r9, r10, r11, r12}\n\t"
        "add r3, r1, r1, lsl #1\n"
        "1:\n\t" /* a row */
        "subs r8, r9, #8\n\t"
        "blt 3f\n"
        "2:\n\t"
        EDGEQ_SPREAD_FOUR("0", "2", "4", "6")
        EDGEQ_SPREAD_FOUR("8", "10", "12", "14")
        "add r2, #16\n\t"
        "subs r8, #8\n\t"
        "bge 2b\n"
        "3:\n\t"
        "adds r8, #4\n\t"
        "blt 6f\n\t"
        EDGEQ_SPREAD_FOUR("0", "2", "4", "6")
        "add r2, #8\n\t"
        "sub r8, #4\n"
        "6:\n\t"
        "adds r8, #4\n\t"
        "beq 5f\n"
        "4:\n\t"
        "ldrb r4, [r0]\n\t"
        "add r0, r0, r1\n\t"
        "strb r4, [r2], #2\n\t"
        "subs r8, #1\n\t"
        "bne 4b\n"
        "5:\n\t"
        "add r0, r0, r10\n\t"
        "add r2, r2, r11\n\t"
        "subs r12, #1\n\t"
        "bne 1b\n\t"
        "pop {r4-r11, pc}\n\t");
}

#else /* on another machine: what it computes, in C */
#include "edgeq_spread_v7m_emulated.h"
#endif

#endif

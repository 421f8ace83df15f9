/* Bytes of eight pixels to words, for cores without 32-bit Thumb instructions and long products. */
#ifndef EDGEQ_PACK_V6M_H
#define EDGEQ_PACK_V6M_H

#include <stdint.h>

#include "edgeq_eights.h"
#include "edgeq_v6m.h"

#if defined(__ARM_ARCH_ISA_THUMB) && __ARM_ARCH_ISA_THUMB == 1

/* At least one input. Registers: r1 which, r2-r6 its words, r8-r12 sums, lr words. */
EDGEQ_ASSEMBLY edgeq_pack_pixels(const edgeq_pixels *p __attribute__((unused)))
{
    __asm__ volatile(
        EDGEQ_ENTER
        "ldr r1, [r0, #32]\n\t"
        "mov lr, r1\n\t"
        "ldr r1, [r0, #44]\n\t"
        "ldm r1!, {r2-r6}\n\t"
        "mov r8, r2\n\t"
        "mov r9, r3\n\t"
        "mov r10, r4\n\t"
        "mov r11, r5\n\t"
        "mov r12, r6\n\t"
        "ldr r1, [r0, #36]\n"
        "1:\n\t"
        "ldr r7, [r0, #0]\n\t"
        "ldrsb r2, [r7, r1]\n\t"
        "ldr r7, [r0, #4]\n\t"
        "ldrsb r3, [r7, r1]\n\t"
        "ldr r7, [r0, #8]\n\t"
        "ldrsb r4, [r7, r1]\n\t"
        "ldr r7, [r0, #12]\n\t"
        "ldrsb r5, [r7, r1]\n\t"
        "ldr r7, [r0, #16]\n\t"
        "ldrsb r6, [r7, r1]\n\t"
        "lsls r7, r6, #16\n\t"
        "adds r2, r2, r7\n\t"
        "ldr r7, [r0, #20]\n\t"
        "ldrsb r7, [r7, r1]\n\t"
        "lsls r7, r7, #4\n\t"
        "adds r6, r6, r7\n\t"
        "lsls r7, r7, #12\n\t"
        "adds r3, r3, r7\n\t"
        "ldr r7, [r0, #24]\n\t"
        "ldrsb r7, [r7, r1]\n\t"
        "lsls r7, r7, #8\n\t"
        "adds r6, r6, r7\n\t"
        "lsls r7, r7, #8\n\t"
        "adds r4, r4, r7\n\t"
        "ldr r7, [r0, #28]\n\t"
        "ldrsb r7, [r7, r1]\n\t"
        "lsls r7, r7, #12\n\t"
        "adds r6, r6, r7\n\t"
        "lsls r7, r7, #4\n\t"
        "adds r5, r5, r7\n\t"
        "add r8, r8, r2\n\t"
        "add r9, r9, r3\n\t"
        "add r10, r10, r4\n\t"
        "add r11, r11, r5\n\t"
        "add r12, r12, r6\n\t"
        "mov r7, lr\n\t"
        "stm r7!, {r2-r6}\n\t"
        "mov lr, r7\n\t"
        "adds r1, #1\n\t"
        "ldr r7, [r0, #40]\n\t"
        "cmp r1, r7\n\t"
        "bne 1b\n\t"
        "ldr r1, [r0, #44]\n\t"
        "mov r2, r8\n\t"
        "mov r3, r9\n\t"
        "mov r4, r10\n\t"
        "mov r5, r11\n\t"
        "mov r6, r12\n\t"
        "stm r1!, {r2-r6}\n\t"
        EDGEQ_LEAVE);
}

#else /* on another machine: what it computes, in C */
#include "edgeq_pack_v6m_emulated.h"
#endif

#endif

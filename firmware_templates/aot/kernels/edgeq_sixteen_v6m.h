/* One channel's sums of a tile to 4x4 bytes, for cores without 32-bit Thumb instructions and long products.
 *
 * It is assembly because compilers keep neither six sums nor the eight numbers of a row of the table in registers.
 */
#ifndef EDGEQ_SIXTEEN_V6M_H
#define EDGEQ_SIXTEEN_V6M_H

#include <stdint.h>

#include "edgeq_arith.h"
#include "edgeq_sixteen.h"
#include "edgeq_v6m.h"

#if defined(__ARM_ARCH_ISA_THUMB) && __ARM_ARCH_ISA_THUMB == 1

#define EDGEQ_SIXTEEN_OUTPUT(place, BYTE)                                                                          \
    "ldr r4, [sp, #" place "]\n\t" BYTE("64")                                                                     \
    "strb r4, [r0]\n\t"                                                                                           \
    "add r0, r0, lr\n\t"
#define EDGEQ_SIXTEEN_FOUR(first, second, third, fourth, BYTE)                                                     \
    EDGEQ_SIXTEEN_OUTPUT(first, BYTE) EDGEQ_SIXTEEN_OUTPUT(second, BYTE) EDGEQ_SIXTEEN_OUTPUT(third, BYTE)         \
    EDGEQ_SIXTEEN_OUTPUT(fourth, BYTE)                                                                             \
    "ldr r4, [sp, #68]\n\t"                                                                                       \
    "adds r0, r0, r4\n\t"

/* Six sums r2-r7 to what outputs are made of: r3 difference, r4 sum, r5 slope, r6 outer. */
#define EDGEQ_SIXTEEN_HALVES                                                                                       \
    "subs r3, r3, r4\n\t"                                                                                         \
    "lsls r4, r4, #1\n\t"                                                                                         \
    "adds r4, r4, r3\n\t"                                                                                         \
    "subs r5, r5, r6\n\t"                                                                                         \
    "lsls r6, r6, #1\n\t"                                                                                         \
    "adds r6, r6, r5\n\t"
/* Of these four outputs, each to r0: 24, 12, 6 and 6 times what they are; the first changes r4. */
#define EDGEQ_SIXTEEN_FIRST                                                                                        \
    "lsls r0, r2, #1\n\t"                                                                                         \
    "adds r0, r0, r2\n\t"                                                                                         \
    "lsls r4, r4, #1\n\t"                                                                                         \
    "adds r0, r0, r4\n\t"                                                                                         \
    "lsls r0, r0, #1\n\t"                                                                                         \
    "adds r0, r0, r6\n\t"
#define EDGEQ_SIXTEEN_SECOND                                                                                       \
    "lsls r0, r3, #1\n\t"                                                                                         \
    "adds r0, r0, r5\n\t"
#define EDGEQ_SIXTEEN_THIRD "adds r0, r4, r6\n\t"
#define EDGEQ_SIXTEEN_FOURTH                                                                                       \
    "lsls r0, r7, #1\n\t"                                                                                         \
    "adds r0, r0, r7\n\t"                                                                                         \
    "adds r0, r0, r5\n\t"                                                                                         \
    "lsls r0, r0, #1\n\t"                                                                                         \
    "adds r0, r0, r3\n\t"
/* r0 is 9 times 2 to the `shift` times a sum, modulo 2^32: the 9 goes by its inverse r1. With the bias, r10, to the stack. */
#define EDGEQ_SIXTEEN_SUM(place, shift)                                                                            \
    "muls r0, r1, r0\n\t"                                                                                         \
    "asrs r0, r0, #" shift "\n\t"                                                                                 \
    "add r0, r0, r10\n\t"                                                                                         \
    "str r0, [sp, #" place "]\n\t"
#define EDGEQ_SIXTEEN_ROW(place, first, second, third)                                                             \
    "ldm r1!, {r2-r7}\n\t"                                                                                        \
    "mov r8, r1\n\t"                                                                                              \
    "mov r1, r9\n\t"                                                                                              \
    EDGEQ_SIXTEEN_HALVES                                                                                           \
    EDGEQ_SIXTEEN_SECOND EDGEQ_SIXTEEN_SUM(place " + 4", second)                                                   \
    EDGEQ_SIXTEEN_THIRD EDGEQ_SIXTEEN_SUM(place " + 8", third)                                                     \
    EDGEQ_SIXTEEN_FOURTH EDGEQ_SIXTEEN_SUM(place " + 12", third)                                                   \
    EDGEQ_SIXTEEN_FIRST EDGEQ_SIXTEEN_SUM(place, first)                                                            \
    "mov r1, r8\n\t"

/* Stack: 0 outputs' sums, 64 a shift, 68 gap, 72 output, 76 [row][six columns]. Registers: r8 sums, r9 end of a row and then
 * the inverse of 9, r10 bias, r11 the row of the table; then r0 output, lr bytes from pixel to pixel. */
#define EDGEQ_SIXTEEN(ROW, PARTS, BYTE)                                                                            \
    EDGEQ_ENTER                                                                                                    \
    "sub sp, #172\n\t"                                                                                            \
    "ldm r0!, {r1-r6}\n\t"                                                                                        \
    "mov r8, r1\n\t"                                                                                              \
    "mov r11, r2\n\t"                                                                                             \
    "str r3, [sp, #72]\n\t"                                                                                       \
    "mov lr, r4\n\t"                                                                                              \
    "str r5, [sp, #68]\n\t"                                                                                       \
    "mov r10, r6\n\t"                                                                                             \
    "add r1, sp, #76\n\t"                                                                                         \
    "add r2, sp, #100\n\t"                                                                                        \
    "mov r9, r2\n"                                                                                                 \
    "1:\n\t" /* a column */                                                                                       \
    "mov r0, r8\n\t"                                                                                              \
    "ldr r2, [r0]\n\t"                                                                                            \
    "ldr r3, [r0, #96]\n\t"                                                                                       \
    "adds r0, #192\n\t"                                                                                           \
    "ldr r4, [r0]\n\t"                                                                                            \
    "ldr r5, [r0, #96]\n\t"                                                                                       \
    "adds r0, #192\n\t"                                                                                           \
    "ldr r6, [r0]\n\t"                                                                                            \
    "ldr r7, [r0, #96]\n\t"                                                                                       \
    EDGEQ_SIXTEEN_HALVES                                                                                           \
    EDGEQ_SIXTEEN_SECOND                                                                                           \
    "str r0, [r1, #24]\n\t"                                                                                       \
    EDGEQ_SIXTEEN_THIRD                                                                                            \
    "str r0, [r1, #48]\n\t"                                                                                       \
    EDGEQ_SIXTEEN_FOURTH                                                                                           \
    "str r0, [r1, #72]\n\t"                                                                                       \
    EDGEQ_SIXTEEN_FIRST                                                                                            \
    "stm r1!, {r0}\n\t"                                                                                           \
    "movs r0, #16\n\t"                                                                                            \
    "add r8, r8, r0\n\t"                                                                                          \
    "cmp r1, r9\n\t"                                                                                              \
    "bne 1b\n\t"                                                                                                  \
    "movs r2, #0x38\n\t"                                                                                          \
    "lsls r2, r2, #8\n\t"                                                                                         \
    "adds r2, #0xe3\n\t"                                                                                          \
    "lsls r2, r2, #8\n\t"                                                                                         \
    "adds r2, #0x8e\n\t"                                                                                          \
    "lsls r2, r2, #8\n\t"                                                                                         \
    "adds r2, #0x39\n\t"                                                                                          \
    "mov r9, r2\n\t"                                                                                              \
    "add r1, sp, #76\n\t"                                                                                         \
    EDGEQ_SIXTEEN_ROW("0", "6", "5", "4") EDGEQ_SIXTEEN_ROW("16", "5", "4", "3")                                   \
    EDGEQ_SIXTEEN_ROW("32", "4", "3", "2") EDGEQ_SIXTEEN_ROW("48", "4", "3", "2")                                  \
    "mov r7, r11\n\t" ROW PARTS("64")                                                                             \
    "ldr r0, [sp, #72]\n\t"                                                                                       \
    EDGEQ_SIXTEEN_FOUR("0", "4", "8", "12", BYTE) EDGEQ_SIXTEEN_FOUR("16", "20", "24", "28", BYTE)                 \
    EDGEQ_SIXTEEN_FOUR("32", "36", "40", "44", BYTE) EDGEQ_SIXTEEN_FOUR("48", "52", "56", "60", BYTE)              \
    "add sp, #172\n\t" EDGEQ_LEAVE

EDGEQ_ASSEMBLY edgeq_sixteen_fast(const edgeq_sixteen *p __attribute__((unused)))
{
    __asm__ volatile(EDGEQ_SIXTEEN(EDGEQ_ROW_FAST, EDGEQ_PARTS_FAST, EDGEQ_BYTE_FAST));
}

EDGEQ_ASSEMBLY edgeq_sixteen_signed(const edgeq_sixteen *p __attribute__((unused)))
{
    __asm__ volatile(EDGEQ_SIXTEEN(EDGEQ_ROW_SIGNED, EDGEQ_PARTS_SIGNED, EDGEQ_BYTE_SIGNED));
}

#else /* on another machine: what it computes, in C */
#include "edgeq_sixteen_v6m_emulated.h"
#endif

#endif

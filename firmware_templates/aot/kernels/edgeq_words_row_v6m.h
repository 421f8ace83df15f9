/* The output channels of a row of words, for cores without 32-bit Thumb instructions and long products.
 *
 * In assembly, since compilers take a register for each address: weights are bytes without sign, which LDRB takes from
 * behind a pointer.
 */
#ifndef EDGEQ_WORDS_ROW_V6M_H
#define EDGEQ_WORDS_ROW_V6M_H

#include <stdint.h>

#include "edgeq_arith.h"
#include "edgeq_v6m.h"
#include "edgeq_words_row.h"

#if defined(__ARM_ARCH_ISA_THUMB) && __ARM_ARCH_ISA_THUMB == 1

#define EDGEQ_ROW_ONE(place, word)                                                                                 \
    "ldrb r2, [r1, #" place "]\n\t"                                                                               \
    "muls " word ", r2, " word "\n\t"                                                                             \
    "adds r3, r3, " word "\n\t"
#define EDGEQ_ROW_FOUR(first, second, third, fourth)                                                               \
    "ldm r0!, {r4-r7}\n\t"                                                                                        \
    EDGEQ_ROW_ONE(first, "r4") EDGEQ_ROW_ONE(second, "r5") EDGEQ_ROW_ONE(third, "r6") EDGEQ_ROW_ONE(fourth, "r7")

/* Stack: 0 words, 4 end, 8 weights, 12 bias, 16 rows, 20 output, 24 channels, 28 row step, 32 shift, 36 end of what the
 * long loop takes, 40 a shift. Registers: r0 words, r1 weights, r3 sum. */
#define EDGEQ_WORDS_ROW(ROW, PARTS, BYTE)                                                                          \
    EDGEQ_ENTER                                                                                                    \
    "sub sp, #44\n\t"                                                                                             \
    "mov r7, sp\n\t"                                                                                              \
    "ldm r0!, {r1-r5}\n\t"                                                                                        \
    "stm r7!, {r1-r5}\n\t"                                                                                        \
    "subs r2, r2, r1\n\t"                                                                                         \
    "lsrs r2, r2, #7\n\t"                                                                                         \
    "lsls r2, r2, #7\n\t"                                                                                         \
    "adds r6, r1, r2\n\t"                                                                                         \
    "ldm r0!, {r1-r4}\n\t"                                                                                        \
    "stm r7!, {r1-r4, r6}\n\t"                                                                                    \
    "ldr r1, [sp, #8]\n"                                                                                          \
    "1:\n\t" /* a channel */                                                                                      \
    "ldr r4, [sp, #12]\n\t"                                                                                       \
    "ldm r4!, {r3}\n\t"                                                                                           \
    "str r4, [sp, #12]\n\t"                                                                                       \
    "ldr r4, [sp, #32]\n\t"                                                                                       \
    "adds r3, r3, r4\n\t"                                                                                         \
    "ldr r0, [sp]\n\t"                                                                                            \
    "ldr r4, [sp, #36]\n\t"                                                                                       \
    "mov r8, r4\n\t"                                                                                              \
    "ldr r5, [sp, #4]\n\t"                                                                                        \
    "mov r9, r5\n\t"                                                                                              \
    "b 3f\n"                                                                                                      \
    "2:\n\t" /* 32 inputs */                                                                                      \
    EDGEQ_ROW_FOUR("0", "1", "2", "3") EDGEQ_ROW_FOUR("4", "5", "6", "7")                                         \
    EDGEQ_ROW_FOUR("8", "9", "10", "11") EDGEQ_ROW_FOUR("12", "13", "14", "15")                                   \
    EDGEQ_ROW_FOUR("16", "17", "18", "19") EDGEQ_ROW_FOUR("20", "21", "22", "23")                                 \
    EDGEQ_ROW_FOUR("24", "25", "26", "27") EDGEQ_ROW_FOUR("28", "29", "30", "31")                                 \
    "adds r1, #32\n"                                                                                              \
    "3:\n\t"                                                                                                      \
    "cmp r0, r8\n\t"                                                                                              \
    "bne 2b\n\t"                                                                                                  \
    "b 5f\n"                                                                                                      \
    "4:\n\t"                                                                                                      \
    EDGEQ_ROW_FOUR("0", "1", "2", "3")                                                                            \
    "adds r1, #4\n"                                                                                               \
    "5:\n\t"                                                                                                      \
    "cmp r0, r9\n\t"                                                                                              \
    "bne 4b\n\t"                                                                                                  \
    "str r1, [sp, #8]\n\t"                                                                                        \
    "mov lr, r3\n\t"                                                                                              \
    "ldr r7, [sp, #16]\n\t"                                                                                       \
    "ldr r3, [sp, #28]\n\t"                                                                                       \
    "adds r3, r3, r7\n\t"                                                                                         \
    "str r3, [sp, #16]\n\t" ROW PARTS("40")                                                                       \
    "ldr r0, [sp, #20]\n\t"                                                                                       \
    "mov r4, lr\n\t" BYTE("40")                                                                                   \
    "strb r4, [r0]\n\t"                                                                                           \
    "adds r0, #1\n\t"                                                                                             \
    "str r0, [sp, #20]\n\t"                                                                                       \
    "ldr r1, [sp, #8]\n\t"                                                                                        \
    "ldr r0, [sp, #24]\n\t"                                                                                       \
    "subs r0, #1\n\t"                                                                                             \
    "str r0, [sp, #24]\n\t"                                                                                       \
    "beq 6f\n\t"                                                                                                  \
    "b 1b\n"                                                                                                      \
    "6:\n\t"                                                                                                      \
    "add sp, #44\n\t" EDGEQ_LEAVE

EDGEQ_ASSEMBLY edgeq_words_row_fast(const edgeq_words_row *p __attribute__((unused)))
{
    __asm__ volatile(EDGEQ_WORDS_ROW(EDGEQ_ROW_FAST, EDGEQ_PARTS_FAST, EDGEQ_BYTE_FAST));
}

EDGEQ_ASSEMBLY edgeq_words_row_signed(const edgeq_words_row *p __attribute__((unused)))
{
    __asm__ volatile(EDGEQ_WORDS_ROW(EDGEQ_ROW_SIGNED, EDGEQ_PARTS_SIGNED, EDGEQ_BYTE_SIGNED));
}

EDGEQ_INLINE void edgeq_words_row_of(const edgeq_words_row *p, edgeq_form form)
{
    if (form == EDGEQ_SIGNED) {
        edgeq_words_row_signed(p);
    } else {
        edgeq_words_row_fast(p);
    }
}

#else /* on another machine: what it computes, in C */
#include "edgeq_words_row_v6m_emulated.h"
#endif

#endif

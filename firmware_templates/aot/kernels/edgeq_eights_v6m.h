/* The loops over pixels by eights, for cores without 32-bit Thumb instructions and long products.
 *
 * They are in assembly because five sums, five products, two pointers and a weight ask for all registers, high ones too, and
 * because they jump into the middle of a run of inputs.
 */
#ifndef EDGEQ_EIGHTS_V6M_H
#define EDGEQ_EIGHTS_V6M_H

#include <stdint.h>

#include "edgeq_arith.h"
#include "edgeq_eights.h"
#include "edgeq_v6m.h"

#if defined(__ARM_ARCH_ISA_THUMB) && __ARM_ARCH_ISA_THUMB == 1

#define EDGEQ_EIGHTS_BEGIN                                                                                         \
    "ldm r2!, {r3-r7}\n\t"                                                                                         \
    "mov r8, r3\n\t"                                                                                               \
    "mov r9, r4\n\t"                                                                                               \
    "mov r10, r5\n\t"                                                                                              \
    "mov r11, r6\n\t"                                                                                              \
    "mov r12, r7\n\t"
#define EDGEQ_EIGHTS_STEP(place)                                                                                   \
    "ldrb r2, [r1, #" place "]\n\t"                                                                                \
    "ldm r0!, {r3-r7}\n\t"                                                                                         \
    "muls r3, r2, r3\n\t"                                                                                          \
    "muls r4, r2, r4\n\t"                                                                                          \
    "muls r5, r2, r5\n\t"                                                                                          \
    "muls r6, r2, r6\n\t"                                                                                          \
    "muls r7, r2, r7\n\t"                                                                                          \
    "add r8, r8, r3\n\t"                                                                                           \
    "add r9, r9, r4\n\t"                                                                                           \
    "add r10, r10, r5\n\t"                                                                                         \
    "add r11, r11, r6\n\t"                                                                                         \
    "add r12, r12, r7\n\t"
#define EDGEQ_EIGHTS_STEPS(a, b, c, d)                                                                             \
    EDGEQ_EIGHTS_STEP(a) EDGEQ_EIGHTS_STEP(b) EDGEQ_EIGHTS_STEP(c) EDGEQ_EIGHTS_STEP(d)

/* Two digits of r4, of a low and of a high half that lack them, to a low sum and to a high one, r6. */
#define EDGEQ_EIGHTS_DIGITS(low, place)                                                                            \
    "ands r5, r7\n\t"                                                                                              \
    "add r5, r5, r12\n\t"                                                                                          \
    "subs r6, r6, r5\n\t"                                                                                          \
    "lsls r5, r5, #16\n\t"                                                                                         \
    "adds " low ", " low ", r5\n\t"                                                                                \
    "str r6, [sp, #" place "]\n\t"

/* Four sums at r5 and at r4, which both go on, to both. */
#define EDGEQ_EIGHTS_ADD                                                                                           \
    "ldm r5!, {r0-r3}\n\t"                                                                                         \
    "ldr r6, [r4, #0]\n\t"                                                                                         \
    "adds r0, r0, r6\n\t"                                                                                          \
    "ldr r6, [r4, #4]\n\t"                                                                                         \
    "adds r1, r1, r6\n\t"                                                                                          \
    "ldr r6, [r4, #8]\n\t"                                                                                         \
    "adds r2, r2, r6\n\t"                                                                                          \
    "ldr r6, [r4, #12]\n\t"                                                                                        \
    "adds r3, r3, r6\n\t"                                                                                          \
    "stm r4!, {r0-r3}\n\t"                                                                                         \
    "subs r5, #16\n\t"                                                                                             \
    "stm r5!, {r0-r3}\n\t"
#define EDGEQ_EIGHTS_OUTPUT(place, BYTE)                                                                           \
    "ldr r4, [sp, #" place "]\n\t" BYTE("72")                                                                      \
    "strb r4, [r0]\n\t"                                                                                            \
    "add r0, r0, lr\n\t"

/* Stack: 0 low sums of four words, 16 high sums, 32 inputs, 36 their end, 40 bytes of a span, 44 entry, 48 skip, 52 weights,
 * 56 rows, 60 output, 64 stride, 68 channels left, 72 a shift, 76 mask of two digits, 80 half of them, negative, 84 whether
 * there are spans, 88 the sums of those before, 120 the next one, 124 what sums begin with, 128 what the next one's do.
 * Registers: r0 inputs, r1 weights, r2 a weight, r8-r12 sums, lr end of a span. */
#define EDGEQ_EIGHTS(ROW, PARTS, BYTE)                                                                             \
    EDGEQ_ENTER                                                                                                    \
    "sub sp, #132\n\t"                                                                                             \
    "add r7, sp, #32\n\t"                                                                                          \
    "ldm r0!, {r1-r5}\n\t"                                                                                         \
    "stm r7!, {r1-r5}\n\t"                                                                                         \
    "ldm r0!, {r1-r6}\n\t"                                                                                         \
    "stm r7!, {r1-r5}\n\t"                                                                                         \
    "str r6, [sp, #124]\n\t"                                                                                       \
    "movs r1, #15\n\t"                                                                                             \
    "lsls r2, r1, #16\n\t"                                                                                         \
    "adds r1, r1, r2\n\t"                                                                                          \
    "str r1, [sp, #76]\n\t"                                                                                        \
    "movs r1, #8\n\t"                                                                                              \
    "lsls r2, r1, #16\n\t"                                                                                         \
    "adds r1, r1, r2\n\t"                                                                                          \
    "rsbs r1, r1, #0\n\t"                                                                                          \
    "str r1, [sp, #80]\n\t"                                                                                        \
    "1:\n\t" /* a channel */                                                                                       \
    "ldr r0, [sp, #32]\n\t"                                                                                        \
    "ldr r1, [sp, #52]\n\t"                                                                                        \
    "ldr r2, [sp, #124]\n\t"                                                                                       \
    "ldr r7, [sp, #56]\n\t"                                                                                        \
    "ldr r4, [r7]\n\t"                                                                                             \
    "lsrs r4, r4, #24\n\t"                                                                                         \
    "str r4, [sp, #84]\n\t"                                                                                        \
    "beq 2f\n\t"                                                                                                   \
    "b 9f\n\t"                                                                                                     \
    "2:\n\t" /* all inputs */                                                                                      \
    EDGEQ_EIGHTS_BEGIN                                                                                             \
    "14:\n\t" /* the last span */                                                                                  \
    "ldr r2, [sp, #36]\n\t"                                                                                        \
    "mov lr, r2\n\t"                                                                                               \
    "ldr r2, [sp, #48]\n\t"                                                                                        \
    "subs r1, r1, r2\n\t"                                                                                          \
    "ldr r2, [sp, #44]\n\t"                                                                                        \
    "3:\n\t"                                                                                                       \
    "add pc, r2\n\t"                                                                                               \
    "nop\n\t"                                                                                                      \
    "4:\n\t"                                                                                                       \
    EDGEQ_EIGHTS_STEPS("0", "1", "2", "3") EDGEQ_EIGHTS_STEPS("4", "5", "6", "7")                                  \
    EDGEQ_EIGHTS_STEPS("8", "9", "10", "11") EDGEQ_EIGHTS_STEPS("12", "13", "14", "15")                            \
    "adds r1, #16\n\t"                                                                                             \
    "cmp r0, lr\n\t"                                                                                               \
    "beq 5f\n\t"                                                                                                   \
    "b 4b\n\t"                                                                                                     \
    "5:\n\t"                                                                                                       \
    "str r0, [sp, #120]\n\t"                                                                                       \
    "str r1, [sp, #52]\n\t"                                                                                        \
    "mov r0, r8\n\t"                                                                                               \
    "mov r1, r9\n\t"                                                                                               \
    "mov r2, r10\n\t"                                                                                              \
    "mov r3, r11\n\t"                                                                                              \
    "asrs r6, r3, #16\n\t"                                                                                         \
    "mov r11, r6\n\t"                                                                                              \
    "lsls r4, r6, #4\n\t"                                                                                          \
    "asrs r6, r2, #16\n\t"                                                                                         \
    "mov r10, r6\n\t"                                                                                              \
    "adds r4, r4, r6\n\t"                                                                                          \
    "lsls r4, r4, #4\n\t"                                                                                          \
    "asrs r6, r1, #16\n\t"                                                                                         \
    "mov r9, r6\n\t"                                                                                               \
    "adds r4, r4, r6\n\t"                                                                                          \
    "lsls r4, r4, #4\n\t"                                                                                          \
    "asrs r6, r0, #16\n\t"                                                                                         \
    "adds r4, r4, r6\n\t"                                                                                          \
    "mov r5, r12\n\t"                                                                                              \
    "subs r4, r4, r5\n\t"                                                                                          \
    "ldr r5, [sp, #80]\n\t"                                                                                        \
    "mov r12, r5\n\t"                                                                                              \
    "ldr r7, [sp, #76]\n\t"                                                                                        \
    "uxth r0, r0\n\t"                                                                                              \
    "uxth r1, r1\n\t"                                                                                              \
    "uxth r2, r2\n\t"                                                                                              \
    "uxth r3, r3\n\t"                                                                                              \
    "mov r5, r4\n\t" EDGEQ_EIGHTS_DIGITS("r0", "16")                                                               \
    "lsrs r5, r4, #4\n\t"                                                                                          \
    "mov r6, r9\n\t" EDGEQ_EIGHTS_DIGITS("r1", "20")                                                               \
    "lsrs r5, r4, #8\n\t"                                                                                          \
    "mov r6, r10\n\t" EDGEQ_EIGHTS_DIGITS("r2", "24")                                                              \
    "lsrs r5, r4, #12\n\t"                                                                                         \
    "mov r6, r11\n\t" EDGEQ_EIGHTS_DIGITS("r3", "28")                                                              \
    "mov r5, sp\n\t"                                                                                               \
    "stm r5!, {r0-r3}\n\t"                                                                                         \
    "ldr r4, [sp, #84]\n\t"                                                                                        \
    "cmp r4, #0\n\t"                                                                                               \
    "beq 6f\n\t"                                                                                                   \
    "b 11f\n\t"                                                                                                    \
    "6:\n\t"                                                                                                       \
    "ldr r7, [sp, #56]\n\t" ROW                                                                                    \
    "str r7, [sp, #56]\n\t"                                                                                        \
    PARTS("72")                                                                                                    \
    "ldr r0, [sp, #60]\n\t"                                                                                        \
    "ldr r5, [sp, #64]\n\t"                                                                                        \
    "mov lr, r5\n\t"                                                                                               \
    "adds r4, r0, #1\n\t"                                                                                          \
    "str r4, [sp, #60]\n\t"                                                                                        \
    EDGEQ_EIGHTS_OUTPUT("0", BYTE) EDGEQ_EIGHTS_OUTPUT("4", BYTE)                                                  \
    EDGEQ_EIGHTS_OUTPUT("8", BYTE) EDGEQ_EIGHTS_OUTPUT("12", BYTE)                                                 \
    EDGEQ_EIGHTS_OUTPUT("16", BYTE) EDGEQ_EIGHTS_OUTPUT("20", BYTE)                                                \
    EDGEQ_EIGHTS_OUTPUT("24", BYTE) EDGEQ_EIGHTS_OUTPUT("28", BYTE)                                                \
    "ldr r0, [sp, #68]\n\t"                                                                                        \
    "subs r0, #1\n\t"                                                                                              \
    "str r0, [sp, #68]\n\t"                                                                                        \
    "beq 7f\n\t"                                                                                                   \
    "b 1b\n\t"                                                                                                     \
    "7:\n\t"                                                                                                       \
    "add sp, #132\n\t" EDGEQ_LEAVE                                                                                 \
    "9:\n\t" /* the first of several spans */                                                                      \
    "adds r2, #20\n\t"                                                                                             \
    "add r4, sp, #88\n\t"                                                                                          \
    "movs r3, #0\n\t"                                                                                              \
    "movs r5, #0\n\t"                                                                                              \
    "movs r6, #0\n\t"                                                                                              \
    "movs r7, #0\n\t"                                                                                              \
    "stm r4!, {r3, r5-r7}\n\t"                                                                                     \
    "stm r4!, {r3, r5-r7}\n\t"                                                                                     \
    "10:\n\t" /* a span that may not be the last */                                                                \
    EDGEQ_EIGHTS_BEGIN                                                                                             \
    "str r2, [sp, #128]\n\t"                                                                                       \
    "ldr r3, [sp, #40]\n\t"                                                                                        \
    "adds r3, r3, r0\n\t"                                                                                          \
    "ldr r2, [sp, #36]\n\t"                                                                                        \
    "cmp r3, r2\n\t"                                                                                               \
    "blo 12f\n\t"                                                                                                  \
    "b 14b\n\t"                                                                                                    \
    "12:\n\t"                                                                                                      \
    "mov lr, r3\n\t"                                                                                               \
    "movs r2, #0\n\t"                                                                                              \
    "b 3b\n\t"                                                                                                     \
    "11:\n\t" /* the sums of several */                                                                            \
    "mov r4, sp\n\t"                                                                                               \
    "add r5, sp, #88\n\t" EDGEQ_EIGHTS_ADD EDGEQ_EIGHTS_ADD                                                        \
    "ldr r0, [sp, #120]\n\t"                                                                                       \
    "ldr r1, [sp, #52]\n\t"                                                                                        \
    "ldr r2, [sp, #36]\n\t"                                                                                        \
    "cmp r0, r2\n\t"                                                                                               \
    "beq 15f\n\t"                                                                                                  \
    "ldr r2, [sp, #128]\n\t"                                                                                       \
    "b 10b\n\t"                                                                                                    \
    "15:\n\t"                                                                                                      \
    "b 6b\n\t"

EDGEQ_ASSEMBLY edgeq_eights_fast(const edgeq_eights *p __attribute__((unused)))
{
    __asm__ volatile(EDGEQ_EIGHTS(EDGEQ_ROW_FAST, EDGEQ_PARTS_FAST, EDGEQ_BYTE_FAST));
}

EDGEQ_ASSEMBLY edgeq_eights_signed(const edgeq_eights *p __attribute__((unused)))
{
    __asm__ volatile(EDGEQ_EIGHTS(EDGEQ_ROW_SIGNED, EDGEQ_PARTS_SIGNED, EDGEQ_BYTE_SIGNED));
}

EDGEQ_INLINE void edgeq_eights_of(const edgeq_eights *p, edgeq_form form)
{
    if (form == EDGEQ_SIGNED) {
        edgeq_eights_signed(p);
    } else {
        edgeq_eights_fast(p);
    }
}

#else /* on another machine: what it computes, in C */
#include "edgeq_eights_v6m_emulated.h"
#endif

#endif

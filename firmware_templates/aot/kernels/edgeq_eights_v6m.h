/* The loops over pixels by eights, for cores without 32-bit Thumb instructions and long products.
 *
 * They are in assembly because four sums, four products, what the sums are taken apart to, two pointers and a weight ask
 * for all registers, high ones too, and because they jump into the middle of a run of inputs.
 */
#ifndef EDGEQ_EIGHTS_V6M_H
#define EDGEQ_EIGHTS_V6M_H

#include <stdint.h>

#include "edgeq_arith.h"
#include "edgeq_eights.h"
#include "edgeq_v6m.h"

#if defined(__ARM_ARCH_ISA_THUMB) && __ARM_ARCH_ISA_THUMB == 1

#define EDGEQ_EIGHTS_STEP EDGEQ_PRODUCTS EDGEQ_ADD_PRODUCTS

/* Adds what a word's low half must be rounded by to its high half: the carry of ASR #16 is the low half's sign. */
#define EDGEQ_EIGHTS_FOLD(sums, place)                                                                             \
    "asrs " sums ", " sums ", #16\n\t"                                                                             \
    "ldr r2, [sp, #" place "]\n\t"                                                                                 \
    "adcs r2, r2, " sums "\n\t"                                                                                    \
    "str r2, [sp, #" place "]\n\t"
#define EDGEQ_EIGHTS_FOLD_MEMORY(sums, whole, place)                                                               \
    "ldr r2, [sp, #" whole "]\n\t"                                                                                 \
    "adds r2, r2, " sums "\n\t"                                                                                    \
    "str r2, [sp, #" whole "]\n\t" EDGEQ_EIGHTS_FOLD(sums, place)

#define EDGEQ_EIGHTS_OUTPUT(place, BYTE)                                                                           \
    "ldr r4, [sp, #" place "]\n\t" BYTE("64")                                                                      \
    "strb r4, [r0]\n\t"                                                                                            \
    "add r0, r0, lr\n\t"

/* Stack: 0 high sums of four words, 16 two of their whole sums and later the low sums, 32 inputs, 36 their end, 40 from
 * an input to its weight, 44 steps, 48 rows, 52 output, 56 channels left, 60 stride, 64 a shift, 68 behind the parameters.
 * Registers: r0 inputs, r1 from an input to its weight, r3 steps, r8-r11 sums, r12 and lr two whole sums. */
#define EDGEQ_EIGHTS(ROW, PARTS, BYTE)                                                                             \
    EDGEQ_ENTER                                                                                                    \
    "sub sp, #72\n\t"                                                                                              \
    "mov r7, sp\n\t"                                                                                               \
    "adds r7, #32\n\t"                                                                                             \
    "ldm r0!, {r1-r4}\n\t"                                                                                         \
    "subs r3, r3, r1\n\t"                                                                                          \
    "stm r7!, {r1-r4}\n\t"                                                                                         \
    "ldm r0!, {r1-r4}\n\t"                                                                                         \
    "stm r7!, {r1-r4}\n\t"                                                                                         \
    "str r0, [r7, #4]\n"                                                                                           \
    "1:\n\t" /* a channel */                                                                                       \
    "ldr r0, [sp, #32]\n\t"                                                                                        \
    "ldr r1, [sp, #40]\n\t"                                                                                        \
    "ldr r3, [sp, #44]\n\t"                                                                                        \
    "movs r2, #0\n\t"                                                                                              \
    "str r2, [sp]\n\t"                                                                                             \
    "str r2, [sp, #4]\n\t"                                                                                         \
    "str r2, [sp, #8]\n\t"                                                                                         \
    "str r2, [sp, #12]\n\t"                                                                                        \
    "str r2, [sp, #16]\n\t"                                                                                        \
    "str r2, [sp, #20]\n\t"                                                                                        \
    "mov r12, r2\n\t"                                                                                              \
    "mov lr, r2\n"                                                                                                 \
    "2:\n\t" /* a run of inputs: the first */                                                                      \
    EDGEQ_PRODUCTS EDGEQ_TAKE_PRODUCTS                                                                             \
    "3:\n\t"                                                                                                       \
    "ldrb r2, [r3]\n\t"                                                                                            \
    "adds r3, #1\n\t"                                                                                              \
    "add pc, r2\n\t"                                                                                               \
    "nop\n\t"                                                                                                      \
    "b 6f\n\t"                                                                                                     \
    ".rept 7\n\t" EDGEQ_EIGHTS_STEP ".endr\n\t"                                                                    \
    EDGEQ_PRODUCTS /* the last */                                                                                  \
    "add r4, r4, r8\n\t"                                                                                           \
    "add r5, r5, r9\n\t"                                                                                           \
    "add r6, r6, r10\n\t"                                                                                          \
    "add r7, r7, r11\n\t" /* to here if the first is the last */                                                   \
    "add r12, r12, r4\n\t"                                                                                         \
    EDGEQ_EIGHTS_FOLD("r4", "0")                                                                                   \
    "add lr, lr, r5\n\t"                                                                                           \
    EDGEQ_EIGHTS_FOLD("r5", "4")                                                                                   \
    EDGEQ_EIGHTS_FOLD_MEMORY("r6", "16", "8")                                                                      \
    EDGEQ_EIGHTS_FOLD_MEMORY("r7", "20", "12")                                                                     \
    "ldr r2, [sp, #36]\n\t"                                                                                        \
    "cmp r0, r2\n\t"                                                                                               \
    "bne 2b\n\t"                                                                                                   \
    "b 7f\n"                                                                                                       \
    "6:\n\t" /* seven more of a long run */                                                                        \
    ".rept 7\n\t" EDGEQ_EIGHTS_STEP ".endr\n\t"                                                                    \
    "b 3b\n"                                                                                                       \
    "7:\n\t"                                                                                                       \
    "str r3, [sp, #44]\n\t"                                                                                        \
    "mov r4, sp\n\t"                                                                                               \
    "ldm r4!, {r0-r3}\n\t"                                                                                         \
    "ldr r6, [r4]\n\t"                                                                                             \
    "ldr r7, [r4, #4]\n\t"                                                                                         \
    "mov r4, r12\n\t"                                                                                              \
    "mov r5, lr\n\t"                                                                                               \
    "lsls r0, r0, #16\n\t"                                                                                         \
    "lsls r1, r1, #16\n\t"                                                                                         \
    "lsls r2, r2, #16\n\t"                                                                                         \
    "lsls r3, r3, #16\n\t"                                                                                         \
    "subs r4, r4, r0\n\t"                                                                                          \
    "subs r5, r5, r1\n\t"                                                                                          \
    "subs r6, r6, r2\n\t"                                                                                          \
    "subs r7, r7, r3\n\t"                                                                                          \
    "add r0, sp, #16\n\t"                                                                                          \
    "stm r0!, {r4-r7}\n\t"                                                                                         \
    "ldr r7, [sp, #48]\n\t" ROW                                                                                    \
    "str r7, [sp, #48]\n\t"                                                                                        \
    PARTS("64")                                                                                                    \
    "ldr r0, [sp, #52]\n\t"                                                                                        \
    "ldr r5, [sp, #60]\n\t"                                                                                        \
    "mov lr, r5\n\t"                                                                                               \
    "adds r4, r0, #1\n\t"                                                                                          \
    "str r4, [sp, #52]\n\t"                                                                                        \
    EDGEQ_EIGHTS_OUTPUT("16", BYTE) EDGEQ_EIGHTS_OUTPUT("20", BYTE)                                                \
    EDGEQ_EIGHTS_OUTPUT("24", BYTE) EDGEQ_EIGHTS_OUTPUT("28", BYTE)                                                \
    EDGEQ_EIGHTS_OUTPUT("0", BYTE) EDGEQ_EIGHTS_OUTPUT("4", BYTE)                                                  \
    EDGEQ_EIGHTS_OUTPUT("8", BYTE) EDGEQ_EIGHTS_OUTPUT("12", BYTE)                                                 \
    "ldr r0, [sp, #40]\n\t"                                                                                        \
    "adds r0, #1\n\t"                                                                                              \
    "str r0, [sp, #40]\n\t"                                                                                        \
    "ldr r0, [sp, #56]\n\t"                                                                                        \
    "subs r0, #1\n\t"                                                                                              \
    "str r0, [sp, #56]\n\t"                                                                                        \
    "beq 8f\n\t"                                                                                                   \
    "b 1b\n"                                                                                                       \
    "8:\n\t"                                                                                                       \
    "ldr r0, [sp, #68]\n\t"                                                                                        \
    "subs r0, #20\n\t"                                                                                             \
    "ldr r1, [sp, #44]\n\t"                                                                                        \
    "ldr r2, [sp, #48]\n\t"                                                                                        \
    "ldr r3, [sp, #52]\n\t"                                                                                        \
    "stm r0!, {r1-r3}\n\t"                                                                                         \
    "add sp, #72\n\t" EDGEQ_LEAVE

EDGEQ_ASSEMBLY edgeq_eights_fast(edgeq_eights *p __attribute__((unused)))
{
    __asm__ volatile(EDGEQ_EIGHTS(EDGEQ_ROW_FAST, EDGEQ_PARTS_FAST, EDGEQ_BYTE_FAST));
}

EDGEQ_ASSEMBLY edgeq_eights_signed(edgeq_eights *p __attribute__((unused)))
{
    __asm__ volatile(EDGEQ_EIGHTS(EDGEQ_ROW_SIGNED, EDGEQ_PARTS_SIGNED, EDGEQ_BYTE_SIGNED));
}

EDGEQ_INLINE void edgeq_eights_of(edgeq_eights *p, edgeq_form form)
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

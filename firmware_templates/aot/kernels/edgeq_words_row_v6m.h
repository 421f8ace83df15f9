/* The output channels of a row of words, for cores without 32-bit Thumb instructions and long products.
 *
 * In assembly, since six sums, two words of weights, an input, a part of a word and two pointers ask for all registers.
 */
#ifndef EDGEQ_WORDS_ROW_V6M_H
#define EDGEQ_WORDS_ROW_V6M_H

#include <stdint.h>

#include "edgeq_arith.h"
#include "edgeq_v6m.h"
#include "edgeq_words_row.h"

#if defined(__ARM_ARCH_ISA_THUMB) && __ARM_ARCH_ISA_THUMB == 1

/* A word of four weights times x: bytes 1 and 3 (r2 is their mask), 2 and 3, and all. */
#define EDGEQ_ROW_WORD(word, x, whole, odd, upper)                                                                 \
    "lsrs r6, " word ", #8\n\t"                                                                                    \
    "ands r6, r2\n\t"                                                                                              \
    "muls r6, " x ", r6\n\t"                                                                                       \
    "add " odd ", " odd ", r6\n\t"                                                                                 \
    "lsrs r6, " word ", #16\n\t"                                                                                   \
    "muls r6, " x ", r6\n\t"                                                                                       \
    "add " upper ", " upper ", r6\n\t"                                                                             \
    "muls " word ", " x ", " word "\n\t"                                                                           \
    "add " whole ", " whole ", " word "\n\t"
#define EDGEQ_ROW_ONE(x)                                                                                           \
    "ldm r1!, {r4, r5}\n\t"                                                                                        \
    EDGEQ_ROW_WORD("r4", x, "r8", "r9", "r10") EDGEQ_ROW_WORD("r5", x, "r11", "r12", "lr")
#define EDGEQ_ROW_FOUR                                                                                             \
    "ldm r0!, {r3, r7}\n\t"                                                                                        \
    EDGEQ_ROW_ONE("r3") EDGEQ_ROW_ONE("r7")                                                                        \
    "ldm r0!, {r3, r7}\n\t"                                                                                        \
    EDGEQ_ROW_ONE("r3") EDGEQ_ROW_ONE("r7")

/* Four channels' sums of a span, added to those at a place of the stack; r3 is the sum of the inputs. What is asked for are the
 * low halves r0, r1 and high halves r4, r5 of two words, and four digits of a byte each, r6, that the halves lack. */
#define EDGEQ_ROW_SUMS(place, whole, odd, upper)                                                                   \
    "mov r4, " whole "\n\t"                                                                                        \
    "mov r5, " odd "\n\t"                                                                                          \
    "mov r6, " upper "\n\t"                                                                                        \
    "lsls r0, r5, #8\n\t"                                                                                          \
    "subs r4, r4, r0\n\t"                                                                                          \
    "lsls r0, r3, #7\n\t"                                                                                          \
    "lsls r1, r0, #16\n\t"                                                                                         \
    "adds r1, r1, r0\n\t"                                                                                          \
    "subs r4, r4, r1\n\t"                                                                                          \
    "subs r5, r5, r1\n\t"                                                                                          \
    "lsls r1, r0, #8\n\t"                                                                                          \
    "adds r0, r0, r1\n\t"                                                                                          \
    "subs r6, r6, r0\n\t"                                                                                          \
    "sxth r0, r4\n\t"                                                                                              \
    "subs r4, r4, r0\n\t"                                                                                          \
    "asrs r4, r4, #16\n\t"                                                                                         \
    "sxth r1, r5\n\t"                                                                                              \
    "subs r5, r5, r1\n\t"                                                                                          \
    "asrs r5, r5, #16\n\t"                                                                                         \
    "subs r6, r6, r4\n\t"                                                                                          \
    "lsls r7, r5, #8\n\t"                                                                                          \
    "subs r6, r6, r7\n\t"                                                                                          \
    "sxtb r7, r6\n\t"                                                                                              \
    "subs r6, r6, r7\n\t"                                                                                          \
    "asrs r6, r6, #8\n\t"                                                                                          \
    "adds r4, r4, r7\n\t"                                                                                          \
    "lsls r7, r7, #16\n\t"                                                                                         \
    "subs r0, r0, r7\n\t"                                                                                          \
    "sxtb r7, r6\n\t"                                                                                              \
    "subs r6, r6, r7\n\t"                                                                                          \
    "asrs r6, r6, #8\n\t"                                                                                          \
    "adds r5, r5, r7\n\t"                                                                                          \
    "lsls r7, r7, #16\n\t"                                                                                         \
    "subs r1, r1, r7\n\t"                                                                                          \
    "sxtb r7, r6\n\t"                                                                                              \
    "subs r6, r6, r7\n\t"                                                                                          \
    "lsls r7, r7, #16\n\t"                                                                                         \
    "adds r4, r4, r7\n\t"                                                                                          \
    "lsls r6, r6, #8\n\t"                                                                                          \
    "adds r5, r5, r6\n\t"                                                                                          \
    "add r7, sp, #" place "\n\t"                                                                                   \
    "ldr r2, [r7]\n\t"                                                                                             \
    "ldr r6, [r7, #4]\n\t"                                                                                         \
    "adds r0, r0, r2\n\t"                                                                                          \
    "adds r1, r1, r6\n\t"                                                                                          \
    "stm r7!, {r0, r1}\n\t"                                                                                        \
    "ldr r2, [r7]\n\t"                                                                                             \
    "ldr r6, [r7, #4]\n\t"                                                                                         \
    "adds r4, r4, r2\n\t"                                                                                          \
    "adds r5, r5, r6\n\t"                                                                                          \
    "stm r7!, {r4, r5}\n\t"

/* Stack: 0 eight sums, 32 words, 36 the last span's sum, 40 bytes of a span, 44 weights, 48 bias, 52 rows, 56 row step, 60
 * output, 64 channels left, 68 a shift, 72 end of a span and later of the sums, 76 the next span. Registers: r0 words, r1
 * weights, r2 mask, r8-r10 four channels' sums, r11, r12 and lr the others'; then r0 sums, lr output. */
#define EDGEQ_WORDS_ROW(ROW, PARTS, BYTE)                                                                          \
    EDGEQ_ENTER                                                                                                    \
    "sub sp, #80\n\t"                                                                                              \
    "add r7, sp, #32\n\t"                                                                                          \
    "ldm r0!, {r1-r6}\n\t"                                                                                         \
    "stm r7!, {r1-r6}\n\t"                                                                                         \
    "ldm r0!, {r1-r3}\n\t"                                                                                         \
    "stm r7!, {r1-r3}\n\t"                                                                                         \
    "1:\n\t" /* eight channels */                                                                                  \
    "ldr r0, [sp, #48]\n\t"                                                                                        \
    "mov r1, sp\n\t"                                                                                               \
    "ldm r0!, {r2-r5}\n\t"                                                                                         \
    "stm r1!, {r2-r5}\n\t"                                                                                         \
    "ldm r0!, {r2-r5}\n\t"                                                                                         \
    "stm r1!, {r2-r5}\n\t"                                                                                         \
    "str r0, [sp, #48]\n\t"                                                                                        \
    "ldr r0, [sp, #32]\n\t"                                                                                        \
    "ldr r1, [sp, #44]\n\t"                                                                                        \
    "2:\n\t" /* a span */                                                                                          \
    "ldr r3, [sp, #40]\n\t"                                                                                        \
    "adds r3, r3, r0\n\t"                                                                                          \
    "ldr r4, [sp, #36]\n\t"                                                                                        \
    "cmp r3, r4\n\t"                                                                                               \
    "bls 3f\n\t"                                                                                                   \
    "mov r3, r4\n\t"                                                                                               \
    "3:\n\t"                                                                                                       \
    "str r3, [sp, #72]\n\t"                                                                                        \
    "movs r2, #255\n\t"                                                                                            \
    "lsls r2, r2, #16\n\t"                                                                                         \
    "adds r2, #255\n\t"                                                                                            \
    "movs r4, #0\n\t"                                                                                              \
    "mov r8, r4\n\t"                                                                                               \
    "mov r9, r4\n\t"                                                                                               \
    "mov r10, r4\n\t"                                                                                              \
    "mov r11, r4\n\t"                                                                                              \
    "mov r12, r4\n\t"                                                                                              \
    "mov lr, r4\n\t"                                                                                               \
    "subs r3, r3, r0\n\t"                                                                                          \
    "lsls r3, r3, #27\n\t"                                                                                         \
    "bmi 5f\n\t" /* an odd number of fours */                                                                      \
    "4:\n\t"                                                                                                       \
    EDGEQ_ROW_FOUR                                                                                                 \
    "5:\n\t"                                                                                                       \
    EDGEQ_ROW_FOUR                                                                                                 \
    "ldr r3, [sp, #72]\n\t"                                                                                        \
    "cmp r0, r3\n\t"                                                                                               \
    "beq 6f\n\t"                                                                                                   \
    "b 4b\n\t"                                                                                                     \
    "6:\n\t"                                                                                                       \
    "ldm r0!, {r3}\n\t"                                                                                            \
    "str r0, [sp, #76]\n\t"                                                                                        \
    "str r1, [sp, #44]\n\t"                                                                                        \
    EDGEQ_ROW_SUMS("0", "r8", "r9", "r10") EDGEQ_ROW_SUMS("16", "r11", "r12", "lr")                                \
    "ldr r0, [sp, #76]\n\t"                                                                                        \
    "ldr r1, [sp, #44]\n\t"                                                                                        \
    "ldr r3, [sp, #36]\n\t"                                                                                        \
    "cmp r0, r3\n\t"                                                                                               \
    "bhi 7f\n\t"                                                                                                   \
    "b 2b\n\t"                                                                                                     \
    "7:\n\t"                                                                                                       \
    "ldr r4, [sp, #64]\n\t"                                                                                        \
    "subs r4, #8\n\t"                                                                                              \
    "str r4, [sp, #64]\n\t"                                                                                        \
    "asrs r5, r4, #31\n\t"                                                                                         \
    "ands r5, r4\n\t"                                                                                              \
    "adds r5, #8\n\t"                                                                                              \
    "lsls r5, r5, #2\n\t"                                                                                          \
    "mov r0, sp\n\t"                                                                                               \
    "adds r5, r5, r0\n\t"                                                                                          \
    "str r5, [sp, #72]\n\t"                                                                                        \
    "ldr r4, [sp, #60]\n\t"                                                                                        \
    "mov lr, r4\n\t"                                                                                               \
    "8:\n\t" /* a row of the table */                                                                              \
    "ldr r7, [sp, #52]\n\t"                                                                                        \
    "ldr r4, [sp, #56]\n\t"                                                                                        \
    "adds r4, r4, r7\n\t"                                                                                          \
    "str r4, [sp, #52]\n\t" ROW PARTS("68")                                                                        \
    "9:\n\t"                                                                                                       \
    "ldm r0!, {r4}\n\t" BYTE("68")                                                                                 \
    "mov r5, lr\n\t"                                                                                               \
    "strb r4, [r5]\n\t"                                                                                            \
    "adds r5, #1\n\t"                                                                                              \
    "mov lr, r5\n\t"                                                                                               \
    "ldr r5, [sp, #72]\n\t"                                                                                        \
    "cmp r0, r5\n\t"                                                                                               \
    "beq 10f\n\t"                                                                                                  \
    "ldr r5, [sp, #56]\n\t"                                                                                        \
    "cmp r5, #0\n\t"                                                                                               \
    "beq 9b\n\t"                                                                                                   \
    "b 8b\n\t"                                                                                                     \
    "10:\n\t"                                                                                                      \
    "mov r5, lr\n\t"                                                                                               \
    "str r5, [sp, #60]\n\t"                                                                                        \
    "ldr r4, [sp, #64]\n\t"                                                                                        \
    "cmp r4, #0\n\t"                                                                                               \
    "ble 11f\n\t"                                                                                                  \
    "b 1b\n\t"                                                                                                     \
    "11:\n\t"                                                                                                      \
    "add sp, #80\n\t" EDGEQ_LEAVE

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

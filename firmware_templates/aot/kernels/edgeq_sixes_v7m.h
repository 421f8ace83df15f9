/* Rows of a depthwise channel, six outputs at once, for Armv7-M: 18 products in 28 instructions, or 33 with a stride of 2.
 *
 * It is assembly because six sums, three weights, an input and four places need all registers.
 */
#ifndef EDGEQ_SIXES_V7M_H
#define EDGEQ_SIXES_V7M_H

#include "edgeq_arith.h"
#include "edgeq_requantize_v7m.h"
#include "edgeq_sixes.h"

#if defined(__ARM_ARCH_ISA_THUMB) && __ARM_ARCH_ISA_THUMB == 2

#define EDGEQ_SIX_LOAD(place) "ldrsh r9, [r10, #" #place "]\n\t"
#define EDGEQ_SIX_LEFT(sum, to) "mla " sum ", r9, r6, " to "\n\t"
#define EDGEQ_SIX_MIDDLE(sum) "mla " sum ", r9, r7, " sum "\n\t"
#define EDGEQ_SIX_RIGHT(sum) "mla " sum ", r9, r8, " sum "\n\t"

/* A row of the three, whose left weights' products are added to what is named. */
#define EDGEQ_SIX_ROW_1(s0, s1, s2, s3, s4, s5)                                                              \
    "ldmia r12!, {r6, r7, r8}\n\t"                                                                           \
    EDGEQ_SIX_LOAD(0) EDGEQ_SIX_LEFT("r0", s0)                                                               \
    EDGEQ_SIX_LOAD(2) EDGEQ_SIX_LEFT("r1", s1) EDGEQ_SIX_MIDDLE("r0")                                        \
    EDGEQ_SIX_LOAD(4) EDGEQ_SIX_LEFT("r2", s2) EDGEQ_SIX_MIDDLE("r1") EDGEQ_SIX_RIGHT("r0")                  \
    EDGEQ_SIX_LOAD(6) EDGEQ_SIX_LEFT("r3", s3) EDGEQ_SIX_MIDDLE("r2") EDGEQ_SIX_RIGHT("r1")                  \
    EDGEQ_SIX_LOAD(8) EDGEQ_SIX_LEFT("r4", s4) EDGEQ_SIX_MIDDLE("r3") EDGEQ_SIX_RIGHT("r2")                  \
    EDGEQ_SIX_LOAD(10) EDGEQ_SIX_LEFT("r5", s5) EDGEQ_SIX_MIDDLE("r4") EDGEQ_SIX_RIGHT("r3")                 \
    EDGEQ_SIX_LOAD(12) EDGEQ_SIX_MIDDLE("r5") EDGEQ_SIX_RIGHT("r4")                                          \
    EDGEQ_SIX_LOAD(14) EDGEQ_SIX_RIGHT("r5")
#define EDGEQ_SIX_ROW_2(s0, s1, s2, s3, s4, s5)                                                              \
    "ldmia r12!, {r6, r7, r8}\n\t"                                                                           \
    EDGEQ_SIX_LOAD(0) EDGEQ_SIX_LEFT("r0", s0)                                                               \
    EDGEQ_SIX_LOAD(2) EDGEQ_SIX_MIDDLE("r0")                                                                 \
    EDGEQ_SIX_LOAD(4) EDGEQ_SIX_LEFT("r1", s1) EDGEQ_SIX_RIGHT("r0")                                         \
    EDGEQ_SIX_LOAD(6) EDGEQ_SIX_MIDDLE("r1")                                                                 \
    EDGEQ_SIX_LOAD(8) EDGEQ_SIX_LEFT("r2", s2) EDGEQ_SIX_RIGHT("r1")                                         \
    EDGEQ_SIX_LOAD(10) EDGEQ_SIX_MIDDLE("r2")                                                                \
    EDGEQ_SIX_LOAD(12) EDGEQ_SIX_LEFT("r3", s3) EDGEQ_SIX_RIGHT("r2")                                        \
    EDGEQ_SIX_LOAD(14) EDGEQ_SIX_MIDDLE("r3")                                                                \
    EDGEQ_SIX_LOAD(16) EDGEQ_SIX_LEFT("r4", s4) EDGEQ_SIX_RIGHT("r3")                                        \
    EDGEQ_SIX_LOAD(18) EDGEQ_SIX_MIDDLE("r4")                                                                \
    EDGEQ_SIX_LOAD(20) EDGEQ_SIX_LEFT("r5", s5) EDGEQ_SIX_RIGHT("r4")                                        \
    EDGEQ_SIX_LOAD(22) EDGEQ_SIX_MIDDLE("r5")                                                                \
    EDGEQ_SIX_LOAD(24) EDGEQ_SIX_RIGHT("r5")

#define EDGEQ_SIX_EACH(DO) DO("r0") DO("r1") DO("r2") DO("r3") DO("r4") DO("r5")

/* The entry at r5, word by word. */
#define EDGEQ_SIX_FAST              \
    "ldrd r2, r4, [r5]\n\t"         \
    "asr r3, r4, #8\n\t"            \
    "strd r2, r3, [sp, #64]\n\t"    \
    "str r4, [sp, #72]\n\t"
#define EDGEQ_SIX_SIGNED            \
    "ldmia r5, {r2, r3, r4, r5}\n\t" \
    "strd r2, r3, [sp, #64]\n\t"    \
    "strd r4, r5, [sp, #72]\n\t"

/* Stack: 0 plane, 4 pitch, 8 weights, 12 bias, 16 entry, 20 output, 24 step, 28 where the plane's sixes end, 32 over, until
 * that is done; 36 rows, 40 where the row began in the plane, 44 in the output, 48 to the next one in the plane, 52 in the
 * output, 56 span, 60 over, 64 what the entry says. Twice an input's bytes is 1 << shift. */
#define EDGEQ_SIXES(ROW, bytes, shift, ENTRY, REQUANTIZE)            \
    "push {r4-r11, lr}\n\t"                                          \
    "sub sp, #84\n\t"                                               \
    "ldmia r0!, {r1, r2, r3, r4, r5, r6, r7, r8}\n\t"               \
    "ldmia r0, {r9, r10, r11, r12}\n\t"                             \
    "stmia sp, {r1, r2, r3, r4, r5, r6, r7}\n\t"                    \
    "str r10, [sp, #36]\n\t"                                        \
    "strd r11, r12, [sp, #48]\n\t"                                  \
    "strd r8, r9, [sp, #56]\n\t"                                    \
    ENTRY                                                            \
    "mov r10, r1\n\t"                                               \
    "mov r8, r6\n"                                                  \
    "2:\n\t" /* a row of outputs */                                 \
    "strd r10, r8, [sp, #40]\n\t"                                   \
    "str r10, [sp]\n\t"                                             \
    "str r8, [sp, #20]\n\t"                                         \
    "ldrd r11, r12, [sp, #56]\n\t"                                  \
    "add r11, r10, r11\n\t"                                         \
    "strd r11, r12, [sp, #28]\n"                                    \
    "1:\n\t" /* six of them */                                      \
    "ldmia sp, {r10, r11, r12, lr}\n\t"                             \
    ROW("lr", "lr", "lr", "lr", "lr", "lr")                          \
    "add r10, r10, r11\n\t"                                         \
    ROW("r0", "r1", "r2", "r3", "r4", "r5")                          \
    "add r10, r10, r11\n\t"                                         \
    ROW("r0", "r1", "r2", "r3", "r4", "r5")                          \
    "add r9, sp, #64\n\t"                                          \
    "ldmia r9, {r8, r10, r11, r12}\n\t"                             \
    EDGEQ_SIX_EACH(REQUANTIZE)                                       \
    "ldrd r8, r9, [sp, #20]\n\t"                                     \
    "add r10, r8, r9\n\t"                                            \
    "strb r0, [r8]\n\t"                                              \
    "strb r1, [r8, r9]\n\t"                                          \
    "strb r2, [r8, r9, lsl #1]\n\t"                                  \
    "strb r3, [r10, r9, lsl #1]\n\t"                                 \
    "add r8, r8, r9, lsl #2\n\t"                                     \
    "strb r4, [r8]\n\t"                                              \
    "strb r5, [r8, r9]\n\t"                                          \
    "add r8, r8, r9, lsl #1\n\t"                                     \
    "str r8, [sp, #20]\n\t"                                         \
    "ldr r10, [sp]\n\t"                                             \
    "ldr r11, [sp, #28]\n\t"                                        \
    "add r10, #" #bytes "\n\t"                                      \
    "str r10, [sp]\n\t"                                             \
    "cmp r10, r11\n\t"                                              \
    "bne 1b\n\t"                                                    \
    "ldr r12, [sp, #32]\n\t"                                        \
    "cmp r12, #0\n\t"                                               \
    "beq 3f\n\t"                                                    \
    "sub r10, r10, r12, lsl #" #shift "\n\t"                        \
    "mls r8, r12, r9, r8\n\t"                                       \
    "str r10, [sp]\n\t"                                             \
    "str r8, [sp, #20]\n\t"                                         \
    "add r11, r10, #" #bytes "\n\t"                                 \
    "mov r12, #0\n\t"                                               \
    "strd r11, r12, [sp, #28]\n\t"                                  \
    "b 1b\n"                                                        \
    "3:\n\t"                                                        \
    "ldr r12, [sp, #36]\n\t"                                        \
    "subs r12, #1\n\t"                                              \
    "str r12, [sp, #36]\n\t"                                        \
    "ldrd r10, r8, [sp, #40]\n\t"                                   \
    "ldrd r11, r9, [sp, #48]\n\t"                                   \
    "add r10, r10, r11\n\t"                                         \
    "add r8, r8, r9\n\t"                                            \
    "bne 2b\n\t"                                                    \
    "add sp, #84\n\t"                                               \
    "pop {r4-r11, pc}\n\t"

EDGEQ_ASSEMBLY edgeq_sixes_1_fast(const edgeq_sixes *all __attribute__((unused)))
{
    __asm__ volatile(EDGEQ_SIXES(EDGEQ_SIX_ROW_1, 12, 1, EDGEQ_SIX_FAST, EDGEQ_REQUANTIZE_FAST));
}

EDGEQ_ASSEMBLY edgeq_sixes_1_signed(const edgeq_sixes *all __attribute__((unused)))
{
    __asm__ volatile(EDGEQ_SIXES(EDGEQ_SIX_ROW_1, 12, 1, EDGEQ_SIX_SIGNED, EDGEQ_REQUANTIZE_SIGNED));
}

EDGEQ_ASSEMBLY edgeq_sixes_2_fast(const edgeq_sixes *all __attribute__((unused)))
{
    __asm__ volatile(EDGEQ_SIXES(EDGEQ_SIX_ROW_2, 24, 2, EDGEQ_SIX_FAST, EDGEQ_REQUANTIZE_FAST));
}

EDGEQ_ASSEMBLY edgeq_sixes_2_signed(const edgeq_sixes *all __attribute__((unused)))
{
    __asm__ volatile(EDGEQ_SIXES(EDGEQ_SIX_ROW_2, 24, 2, EDGEQ_SIX_SIGNED, EDGEQ_REQUANTIZE_SIGNED));
}

EDGEQ_INLINE void edgeq_sixes_run(const edgeq_sixes *all, int32_t stride, edgeq_form form)
{
    if (form == EDGEQ_SIGNED) {
        if (stride == 1) {
            edgeq_sixes_1_signed(all);
        } else {
            edgeq_sixes_2_signed(all);
        }
    } else if (stride == 1) {
        edgeq_sixes_1_fast(all);
    } else {
        edgeq_sixes_2_fast(all);
    }
}

#else /* on another machine: what it computes, in C */
#include "edgeq_sixes_v7m_emulated.h"
#endif

#endif

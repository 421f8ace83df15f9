/* The loop over the channels of 8 pixels, for Armv7-M: 8 products in 6 instructions.
 *
 * It is assembly because four sums, four words, a weight and the two places that are read leave compilers no register.
 */
#ifndef EDGEQ_SEGMENTS_V7M_H
#define EDGEQ_SEGMENTS_V7M_H

#include "edgeq_arith.h"
#include "edgeq_requantize_v7m.h"
#include "edgeq_segments.h"
#include "edgeq_sums_v7m.h"

#if defined(__ARM_ARCH_ISA_THUMB) && __ARM_ARCH_ISA_THUMB == 2

/* One input of 8 pixels; a segment's first adds to 0x8000, which rounds the low halfwords away. 24 bytes. */
#define EDGEQ_SEGMENT_STEP(r0, r1, r2, r3)                                                                       \
    "ldrsb r8, [r9], #1\n\t"                                                                                     \
    "ldmia r10!, {r4, r5, r6, r7}\n\t"                                                                           \
    "mla r0, r4, r8, " r0 "\n\tmla r1, r5, r8, " r1 "\n\tmla r2, r6, r8, " r2 "\n\tmla r3, r7, r8, " r3 "\n\t"
#define EDGEQ_SEGMENT_FIRST EDGEQ_SEGMENT_STEP("r11", "r11", "r11", "r11")
#define EDGEQ_SEGMENT_NEXT EDGEQ_SEGMENT_STEP("r0", "r1", "r2", "r3")

/* Where a segment of 1 to 16 weights enters a row of 15 steps. */
#define EDGEQ_SEGMENT_ENTRY(row, steps) ".hword (" row " - 2b) / 2 + 12 * (15 - " #steps ")\n\t"
#define EDGEQ_SEGMENT_ENTRIES(row)                                                                               \
    EDGEQ_SEGMENT_ENTRY(row, 0) EDGEQ_SEGMENT_ENTRY(row, 1) EDGEQ_SEGMENT_ENTRY(row, 2)                          \
    EDGEQ_SEGMENT_ENTRY(row, 3) EDGEQ_SEGMENT_ENTRY(row, 4) EDGEQ_SEGMENT_ENTRY(row, 5)                          \
    EDGEQ_SEGMENT_ENTRY(row, 6) EDGEQ_SEGMENT_ENTRY(row, 7) EDGEQ_SEGMENT_ENTRY(row, 8)                          \
    EDGEQ_SEGMENT_ENTRY(row, 9) EDGEQ_SEGMENT_ENTRY(row, 10) EDGEQ_SEGMENT_ENTRY(row, 11)                        \
    EDGEQ_SEGMENT_ENTRY(row, 12) EDGEQ_SEGMENT_ENTRY(row, 13) EDGEQ_SEGMENT_ENTRY(row, 14)                       \
    EDGEQ_SEGMENT_ENTRY(row, 15)

#define EDGEQ_SEGMENT_EACH(DO) DO("r0") DO("r1") DO("r2") DO("r3") DO("r4") DO("r5") DO("r6") DO("r7")

/* An entry at r11 and the place of the next one, beside the bias's at r10; the fast form has its shift in r9. */
#define EDGEQ_SEGMENT_FAST             \
    "ldrd r8, r9, [r11], #8\n\t"       \
    "strd r10, r11, [sp, #12]\n\t"     \
    "asr r10, r9, #8\n\t"
#define EDGEQ_SEGMENT_SIGNED           \
    "add r9, r11, #16\n\t"             \
    "strd r10, r9, [sp, #12]\n\t"      \
    EDGEQ_ENTRY_SIGNED("r11")
#define EDGEQ_SEGMENT_REQUANTIZE(x) EDGEQ_REQUANTIZE_BY(x, "r9")

/* Stack: 0 words, 4 sums, 8 weights, 12 bias, 16 entries, 20 output, 24 stride, 28 end of the outputs. */
#define EDGEQ_SEGMENTS(ENTRY, REQUANTIZE)                                                                        \
    "push {r4-r11, lr}\n\t"                                                                                      \
    "sub sp, #36\n\t"                                                                                            \
    "ldmia r0, {r1, r2, r3, r4, r5, r6, r7, r8}\n\t"                                                             \
    "stmia sp, {r1, r2, r3, r4, r5, r6, r7, r8}\n\t"                                                             \
    "mov r9, r3\n"                                                                                               \
    "1:\n\t" /* a channel */                                                                                     \
    "ldrd r10, lr, [sp]\n\t"                                                                                     \
    "mov r11, #0x8000\n"                                                                                         \
    "3:\n\t" /* a segment */                                                                                     \
    "ldrb r12, [r9], #1\n\t"                                                                                     \
    EDGEQ_SEGMENT_FIRST                                                                                          \
    "tbh [pc, r12, lsl #1]\n"                                                                                    \
    "2:\n\t"                                                                                                     \
    EDGEQ_SEGMENT_ENTRIES("4f") EDGEQ_SEGMENT_ENTRIES("5f")                                                      \
    "4:\n\t"                                                                                                     \
    ".rept 15\n\t" EDGEQ_SEGMENT_NEXT ".endr\n\t"                                                                \
    "stmia lr!, {r0, r1, r2, r3}\n\t"                                                                            \
    "b 3b\n"                                                                                                     \
    "5:\n\t" /* the last one */                                                                                  \
    ".rept 15\n\t" EDGEQ_SEGMENT_NEXT ".endr\n\t"                                                                \
    "str r9, [sp, #8]\n\t"                                                                                       \
    "ldr r9, [sp, #4]\n\t"                                                                                       \
    "asr r4, r0, #16\n\t"                                                                                        \
    "asr r5, r1, #16\n\t"                                                                                        \
    "asr r6, r2, #16\n\t"                                                                                        \
    "asr r7, r3, #16\n\t"                                                                                        \
    "subs r8, lr, r9\n\t"                                                                                        \
    "beq 8f\n\t"                                                                                                 \
    "tst r8, #16\n\t"                                                                                            \
    "bne 7f\n"                                                                                                   \
    "6:\n\t"                                                                                                     \
    EDGEQ_ADD_SUMS                                                                                            \
    "7:\n\t"                                                                                                     \
    EDGEQ_ADD_SUMS                                                                                            \
    "cmp lr, r9\n\t"                                                                                             \
    "bne 6b\n"                                                                                                   \
    "8:\n\t"                                                                                                     \
    "ldrd r10, r11, [sp, #12]\n\t"                                                                               \
    "ldrd r8, r9, [r10], #8\n\t"                                                                                 \
    "sub r0, r0, r4, lsl #16\n\t"                                                                                \
    "sub r1, r1, r5, lsl #16\n\t"                                                                                \
    "sub r2, r2, r6, lsl #16\n\t"                                                                                \
    "sub r3, r3, r7, lsl #16\n\t"                                                                                \
    "add r0, r8, r0, lsl #8\n\t"                                                                                 \
    "add r1, r8, r1, lsl #8\n\t"                                                                                 \
    "add r2, r8, r2, lsl #8\n\t"                                                                                 \
    "add r3, r8, r3, lsl #8\n\t"                                                                                 \
    "add r4, r9, r4, lsl #8\n\t"                                                                                 \
    "add r5, r9, r5, lsl #8\n\t"                                                                                 \
    "add r6, r9, r6, lsl #8\n\t"                                                                                 \
    "add r7, r9, r7, lsl #8\n\t"                                                                                 \
    ENTRY                                                                                                        \
    EDGEQ_SEGMENT_EACH(REQUANTIZE)                                                                               \
    "ldrd r8, r10, [sp, #20]\n\t"                                                                                \
    "add r11, r8, r10\n\t"                                                                                       \
    "strb r0, [r8]\n\t"                                                                                          \
    "strb r1, [r8, r10]\n\t"                                                                                     \
    "strb r2, [r8, r10, lsl #1]\n\t"                                                                             \
    "strb r3, [r11, r10, lsl #1]\n\t"                                                                            \
    "add r12, r8, r10, lsl #2\n\t"                                                                               \
    "add r11, r12, r10\n\t"                                                                                      \
    "strb r4, [r12]\n\t"                                                                                         \
    "strb r5, [r12, r10]\n\t"                                                                                    \
    "strb r6, [r12, r10, lsl #1]\n\t"                                                                            \
    "strb r7, [r11, r10, lsl #1]\n\t"                                                                            \
    "add r8, #1\n\t"                                                                                             \
    "str r8, [sp, #20]\n\t"                                                                                      \
    "ldr r11, [sp, #28]\n\t"                                                                                     \
    "ldr r9, [sp, #8]\n\t"                                                                                       \
    "cmp r8, r11\n\t"                                                                                            \
    "bne 1b\n\t"                                                                                                 \
    "add sp, #36\n\t"                                                                                            \
    "pop {r4-r11, pc}\n\t"

EDGEQ_ASSEMBLY edgeq_segments_fast(const edgeq_segments *all __attribute__((unused)))
{
    __asm__ volatile(EDGEQ_SEGMENTS(EDGEQ_SEGMENT_FAST, EDGEQ_SEGMENT_REQUANTIZE));
}

EDGEQ_ASSEMBLY edgeq_segments_signed(const edgeq_segments *all __attribute__((unused)))
{
    __asm__ volatile(EDGEQ_SEGMENTS(EDGEQ_SEGMENT_SIGNED, EDGEQ_REQUANTIZE_SIGNED));
}

EDGEQ_INLINE void edgeq_segments_8(const edgeq_segments *all, edgeq_form form)
{
    if (form == EDGEQ_SIGNED) {
        edgeq_segments_signed(all);
    } else {
        edgeq_segments_fast(all);
    }
}

#else /* on another machine: what it computes, in C */
#include "edgeq_segments_v7m_emulated.h"
#endif

#endif

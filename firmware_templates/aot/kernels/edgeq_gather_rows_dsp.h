/* The inputs under some positions of a convolution's kernel, as pairs of halfwords, for cores with the DSP extension.
 *
 * It is assembly because it is short loops in short loops, whose counters and ends compilers spill. */
#ifndef EDGEQ_GATHER_ROWS_DSP_H
#define EDGEQ_GATHER_ROWS_DSP_H

#include "edgeq_gather_rows.h"

#if defined(__ARM_FEATURE_DSP)

/* Words from r1 to r7 to pairs at r2, 16 bytes apart, two at a time; of an odd number, told by `bytes`, the loop skips the
 * first. */
#define EDGEQ_GATHER_WORD               \
    "ldr r8, [r1], #4\n\t"             \
    "sxtb16 r12, r8\n\t"               \
    "sxtb16 r8, r8, ror #8\n\t"        \
    "str r8, [r2, #16]\n\t"            \
    "str r12, [r2], #32\n"
#define EDGEQ_GATHER_WORDS(first, second, bytes)     \
    "tst " bytes ", #4\n\t"                         \
    "bne " second "f\n"                             \
    first ":\n\t" EDGEQ_GATHER_WORD                 \
    second ":\n\t" EDGEQ_GATHER_WORD                \
    "\tcmp r1, r7\n\t"                             \
    "bne " first "b\n"

/* Stack: 0 position, 4 its words, 8 patch. Registers: r0 rows left, r1 from, r2 words, r3 bytes, r7 an end, lr positions
 * left. */
static __attribute__((naked, noinline, unused)) void edgeq_gather_positions(
    const edgeq_gather_rows *p __attribute__((unused)))
{
    __asm__ volatile(
        "push {r4-r11, lr}\n\t"
        "sub sp, #12\n\t"
        "ldrd r1, r2, [r0]\n\t"
        "ldrd r3, r4, [r0, #8]\n\t"
        "ldrd r5, r6, [r0, #16]\n\t"
        "ldrd r9, r10, [r0, #24]\n\t"
        "ldrd r11, lr, [r0, #32]\n\t"
        "str r3, [sp, #8]\n"
        "1:\n\t" /* a position */
        "strd r1, r2, [sp]\n\t"
        "ldr r3, [sp, #8]\n\t"
        "mov r0, r9\n"
        "2:\n\t" /* a row */
        "cbz r4, 4f\n\t"
        "add r7, r1, r4\n\t"
        EDGEQ_GATHER_WORDS("3", "7", "r4")
        "4:\n\t"
        "cbz r5, 6f\n\t"
        "add r7, r1, r5\n"
        "5:\n\t"
        "ldrb r8, [r1], #1\n\t"
        "strb r8, [r3], #1\n\t"
        "cmp r1, r7\n\t"
        "bne 5b\n"
        "6:\n\t"
        "add r1, r1, r6\n\t"
        "subs r0, r0, #1\n\t"
        "bne 2b\n\t"
        "cmp r10, #0\n\t"
        "beq 8f\n\t"
        "ldr r1, [sp, #8]\n\t"
        "add r7, r1, r10\n\t"
        EDGEQ_GATHER_WORDS("3", "7", "r10")
        "8:\n\t"
        "ldrd r1, r2, [sp]\n\t"
        "add r1, r1, r11\n\t"
        "add r2, r2, #4\n\t"
        "subs lr, lr, #1\n\t"
        "bne 1b\n\t"
        "add sp, #12\n\t"
        "pop {r4-r11, pc}\n\t");
}

#else /* on another machine: what it computes, in C */
#include "edgeq_gather_rows_dsp_emulated.h"
#endif

#endif

/* Two rows of four channels, side by side in words, for cores with the DSP extension.
 *
 * It is assembly because compilers keep four pointers and not what STM needs: 14 instructions for eight inputs. */
#ifndef EDGEQ_PAIR_ROWS_DSP_H
#define EDGEQ_PAIR_ROWS_DSP_H

#include "edgeq_pair_rows.h"

#if defined(__ARM_FEATURE_DSP)

#define EDGEQ_PAIR_ROWS_COLUMN         \
    "ldr r4, [r1]\n\t"                \
    "ldr r5, [r2]\n\t"                \
    "add r1, r1, r3\n\t"              \
    "add r2, r2, r12\n\t"             \
    "sxtb16 r6, r4\n\t"               \
    "sxtb16 r10, r5\n\t"              \
    "sxtb16 r7, r4, ror #8\n\t"       \
    "sxtb16 r11, r5, ror #8\n\t"      \
    "pkhbt r4, r6, r10, lsl #16\n\t"  \
    "pkhbt r5, r7, r11, lsl #16\n\t"  \
    "pkhtb r6, r10, r6, asr #16\n\t"  \
    "pkhtb r7, r11, r7, asr #16\n\t"  \
    "stm r0!, {r4, r5, r6, r7}\n"

/* Two columns at a time; of an odd number the loop skips the first. */
static __attribute__((naked, noinline, unused)) void edgeq_pair_rows(const edgeq_two_rows *p __attribute__((unused)))
{
    __asm__ volatile(
        "push {r4-r11, lr}\n\t"
        "ldrd r1, r2, [r0]\n\t"
        "ldrd r3, r12, [r0, #8]\n\t"
        "ldrd lr, r0, [r0, #16]\n\t"
        "tst lr, #1\n\t"
        "bne 2f\n"
        "1:\n\t"
        EDGEQ_PAIR_ROWS_COLUMN
        "2:\n\t"
        EDGEQ_PAIR_ROWS_COLUMN
        "\tsubs lr, lr, #2\n\t"
        "bgt 1b\n\t"
        "pop {r4-r11, pc}\n\t");
}

#else /* on another machine: what it computes, in C */
#include "edgeq_pair_rows_dsp_emulated.h"
#endif

#endif

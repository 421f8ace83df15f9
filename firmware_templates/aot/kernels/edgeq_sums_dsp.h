/* Sums that wait in scratch, and what becomes of them, for cores with the DSP extension; in assembly as the pairs are. */
#ifndef EDGEQ_SUMS_DSP_H
#define EDGEQ_SUMS_DSP_H

#include "edgeq_pairs_dsp.h"
#include "edgeq_sums.h"

#if defined(__ARM_FEATURE_DSP)

/* Adds a part's products. The loop of sixteen inputs is entered where it leaves a multiple of sixteen, as for the pairs.
 * Stack: 0 where the loop is entered, 4 end of the inputs, 8 inputs, 12 sums, 16 end of the weights. Registers: r0-r3 even
 * sums, r4-r7 both channels', r12 weights, lr inputs. */
EDGEQ_ASSEMBLY edgeq_sums_add(const edgeq_part *p __attribute__((unused)))
{
    __asm__ volatile(
        "push {r4-r11, lr}\n\t"
        "sub sp, #20\n\t"
        "ldrd r4, r12, [r0]\n\t"
        "ldrd r5, r9, [r0, #8]\n\t"
        "ldr r10, [r0, #16]\n\t"
        "lsr r11, r9, #2\n\t" /* fours, of which the loop skips minus their number, modulo 4 */
        "rsb r11, r11, #0\n\t"
        "and r11, r11, #3\n\t"
        "add r11, r11, r11, lsl #1\n\t"
        "adr r1, 2f\n\t"
        "add r11, r1, r11, lsl #5\n\t"
        "orr r11, r11, #1\n\t"
        "add r1, r4, r9, lsl #3\n\t"
        "mul r2, r9, r10\n\t"
        "add r2, r12, r2, lsl #1\n\t"
        "strd r11, r1, [sp]\n\t"
        "strd r4, r5, [sp, #8]\n\t"
        "str r2, [sp, #16]\n"
        "1:\n\t" /* a pair of channels */
        "ldrd lr, r8, [sp, #8]\n\t"
        "ldr r9, [sp]\n\t"
        "ldm r8, {r0, r1, r2, r3, r4, r5, r6, r7}\n\t"
        "bx r9\n\t"
        ".balign 4\n"
        "2:\n\t" /* sixteen inputs */
        ".rept 8\n\t" EDGEQ_4_STEP ".endr\n\t"
        "ldr r8, [sp, #4]\n\t"
        "cmp lr, r8\n\t"
        "bne 2b\n\t"
        "ldr r8, [sp, #12]\n\t"
        "stm r8!, {r0, r1, r2, r3, r4, r5, r6, r7}\n\t"
        "str r8, [sp, #12]\n\t"
        "ldr r9, [sp, #16]\n\t"
        "cmp r12, r9\n\t"
        "bne 1b\n\t"
        "add sp, #20\n\t"
        "pop {r4-r11, pc}\n\t");
}

/* Outputs from sums. */
#define EDGEQ_SUMS_WRITE(OUTPUTS)                                \
    "push {r4-r11, lr}\n\t"                                     \
    "sub sp, #36\n\t"                                           \
    "ldrd r12, r6, [r0]\n\t"                                    \
    "ldrd r7, r8, [r0, #8]\n\t"                                 \
    "ldr r10, [r0, #16]\n\t"                                    \
    "add r2, r12, r10, lsl #5\n\t"                              \
    "strd r6, r2, [sp, #16]\n\t"                                \
    "strd r7, r8, [sp, #24]\n"                                  \
    "1:\n\t" /* a pair of channels */                           \
    "ldm r12!, {r0, r1, r2, r3, r4, r5, r6, r7}\n\t"            \
    EDGEQ_4_WRITE(OUTPUTS)

EDGEQ_ASSEMBLY edgeq_sums_write_fast(const edgeq_sums *p __attribute__((unused)))
{
    __asm__ volatile(EDGEQ_SUMS_WRITE(EDGEQ_4_OUTPUTS_FAST));
}

EDGEQ_ASSEMBLY edgeq_sums_write_signed(const edgeq_sums *p __attribute__((unused)))
{
    __asm__ volatile(EDGEQ_SUMS_WRITE(EDGEQ_4_OUTPUTS_SIGNED));
}

#else /* on another machine: what they compute, in C */
#include "edgeq_sums_dsp_emulated.h"
#endif

#endif

/* The loops over pairs of channels whose weights are halfwords, for cores with the DSP extension.
 *
 * They are in assembly for the reason of edgeq_pairs_dsp.h: 4 pixels x 2 channels need all 14 registers. Here a sum is that
 * of one channel, and requantization's shift is the same for all.
 */
#ifndef EDGEQ_HALFWORDS_DSP_H
#define EDGEQ_HALFWORDS_DSP_H

#include "edgeq_arith.h"
#include "edgeq_halfwords.h"
#include "edgeq_requantize_dsp.h"

#if defined(__ARM_FEATURE_DSP)

/* Two inputs x 4 pixels x 2 channels: 16 products in 11 instructions. */
#define EDGEQ_HALFWORDS_STEP      \
    "ldrd r8, r9, [r12], #8\n\t"  \
    "ldrd r10, r11, [lr], #8\n\t" \
    "smlad r0, r8, r10, r0\n\t"   \
    "smlad r4, r9, r10, r4\n\t"   \
    "smlad r1, r8, r11, r1\n\t"   \
    "smlad r5, r9, r11, r5\n\t"   \
    "ldrd r10, r11, [lr], #8\n\t" \
    "smlad r2, r8, r10, r2\n\t"   \
    "smlad r6, r9, r10, r6\n\t"   \
    "smlad r3, r8, r11, r3\n\t"   \
    "smlad r7, r9, r11, r7\n\t"

/* The biases, and the first two inputs, whose products are added to them. */
#define EDGEQ_HALFWORDS_FIRST            \
    "ldm r12!, {r0, r4, r8, r9}\n\t"    \
    "ldrd r10, r11, [lr, #8]\n\t"       \
    "smlad r2, r8, r10, r0\n\t"         \
    "smlad r6, r9, r10, r4\n\t"         \
    "smlad r3, r8, r11, r0\n\t"         \
    "smlad r7, r9, r11, r4\n\t"         \
    "ldrd r10, r11, [lr], #16\n\t"      \
    "smlad r1, r8, r11, r0\n\t"         \
    "smlad r5, r9, r11, r4\n\t"         \
    "smlad r0, r8, r10, r0\n\t"         \
    "smlad r4, r9, r10, r4\n\t"

#define EDGEQ_HALFWORDS_OUTPUT(x, multiplier, addend)                       \
    "smmla " x ", " x ", " multiplier ", " addend "\n\t"                    \
    "ssat " x ", #8, " x ", asr #" EDGEQ_TEXT(EDGEQ_HALFWORDS_SHIFT) "\n\t"

/* The first four inputs begin the sums; the others go through a loop of 32, which is entered where it leaves a multiple of
 * 32: four inputs are 88 bytes of it.
 * Stack: 0 where it goes on behind the first four, 4 end of the inputs, 8 inputs, 12 end of the stream, 16 output,
 * 20 stride. Registers: r0-r3 even sums, r4-r7 odd ones, r12 stream, lr inputs. */
EDGEQ_ASSEMBLY edgeq_halfwords_4(const edgeq_halfwords *p __attribute__((unused)))
{
    __asm__ volatile(
        "push {r4-r11, lr}\n\t"
        "sub sp, #28\n\t"
        "ldrd r4, r12, [r0]\n\t"
        "ldrd r5, r6, [r0, #8]\n\t"
        "ldrd r7, r8, [r0, #16]\n\t"
        "lsr r1, r7, #2\n\t" /* fours, of which the loop skips 1 minus their number, modulo 8 */
        "rsb r2, r1, #1\n\t"
        "and r2, r2, #7\n\t"
        "add r3, r2, r2, lsl #1\n\t"
        "add r3, r3, r2, lsl #3\n\t"
        "adr r2, 2f\n\t"
        "add r3, r2, r3, lsl #3\n\t"
        "adr r2, 3f\n\t"
        "cmp r1, #1\n\t"
        "it eq\n\t"
        "moveq r3, r2\n\t"
        "orr r3, r3, #1\n\t"
        "add r1, r4, r7, lsl #3\n\t"
        "lsl r7, r7, #2\n\t"
        "add r7, r7, #24\n\t"
        "mla r2, r7, r8, r12\n\t"
        "strd r3, r1, [sp]\n\t"
        "strd r4, r2, [sp, #8]\n\t"
        "strd r5, r6, [sp, #16]\n\t"
        "mov lr, r4\n"
        "1:\n\t" /* a pair of channels */
        EDGEQ_HALFWORDS_FIRST EDGEQ_HALFWORDS_STEP
        "ldr pc, [sp]\n\t"
        ".balign 4\n"
        "2:\n\t" /* 32 inputs */
        ".rept 16\n\t" EDGEQ_HALFWORDS_STEP ".endr\n\t"
        "ldr r8, [sp, #4]\n\t"
        "cmp lr, r8\n\t"
        "bne 2b\n\t"
        ".balign 4\n"
        "3:\n\t"
        "ldm r12!, {r8, r9, r10, r11}\n\t"
        EDGEQ_HALFWORDS_OUTPUT("r0", "r8", "r9")
        EDGEQ_HALFWORDS_OUTPUT("r1", "r8", "r9")
        EDGEQ_HALFWORDS_OUTPUT("r2", "r8", "r9")
        EDGEQ_HALFWORDS_OUTPUT("r3", "r8", "r9")
        EDGEQ_HALFWORDS_OUTPUT("r4", "r10", "r11")
        EDGEQ_HALFWORDS_OUTPUT("r5", "r10", "r11")
        EDGEQ_HALFWORDS_OUTPUT("r6", "r10", "r11")
        EDGEQ_HALFWORDS_OUTPUT("r7", "r10", "r11")
        "ldrd r8, r9, [sp, #16]\n\t"
        "bfi r0, r4, #8, #24\n\t"
        "bfi r1, r5, #8, #24\n\t"
        "bfi r2, r6, #8, #24\n\t"
        "bfi r3, r7, #8, #24\n\t"
        "add r10, r8, r9\n\t"
        "strh r1, [r8, r9]\n\t"
        "strh r2, [r8, r9, lsl #1]\n\t"
        "strh r3, [r10, r9, lsl #1]\n\t"
        "strh r0, [r8], #2\n\t"
        "str r8, [sp, #16]\n\t"
        "ldrd lr, r9, [sp, #8]\n\t"
        "cmp r12, r9\n\t"
        "bne 1b\n\t"
        "add sp, #28\n\t"
        "pop {r4-r11, pc}\n\t");
}

/* Four inputs x 2 channels of one pixel. */
#define EDGEQ_HALFWORDS_PRODUCTS(inputs, following) \
    "ldm r12!, {r6, r7, r8, r9}\n\t"                \
    "smlad r0, r6, " inputs ", r0\n\t"              \
    "smlad r1, r7, " inputs ", r1\n\t"              \
    "smlad r0, r8, " following ", r0\n\t"           \
    "smlad r1, r9, " following ", r1\n\t"

/* Stack: 0 inputs, 4 end of the stream, 8 inputs left beside eights. Registers: r0 even sum, r1 odd one, r10 output,
 * r11 inputs, r12 stream, lr end of the inputs in eights. */
EDGEQ_ASSEMBLY edgeq_halfwords_1(const edgeq_halfwords *p __attribute__((unused)))
{
    __asm__ volatile(
        "push {r4-r11, lr}\n\t"
        "sub sp, #12\n\t"
        "ldrd r4, r12, [r0]\n\t"
        "ldr r10, [r0, #8]\n\t"
        "ldrd r7, r8, [r0, #16]\n\t"
        "bic r3, r7, #7\n\t"
        "add lr, r4, r3, lsl #1\n\t"
        "and r3, r7, #4\n\t"
        "lsl r7, r7, #2\n\t"
        "add r7, r7, #24\n\t"
        "mla r2, r7, r8, r12\n\t"
        "strd r4, r2, [sp]\n\t"
        "str r3, [sp, #8]\n"
        "1:\n\t" /* a pair of channels */
        "ldr r11, [sp]\n\t"
        "ldm r12!, {r0, r1}\n\t"
        "cmp r11, lr\n\t"
        "beq 3f\n"
        "2:\n\t"
        "ldm r11!, {r2, r3, r4, r5}\n\t"
        EDGEQ_HALFWORDS_PRODUCTS("r2", "r3") EDGEQ_HALFWORDS_PRODUCTS("r4", "r5")
        "cmp r11, lr\n\t"
        "bne 2b\n"
        "3:\n\t"
        "ldr r2, [sp, #8]\n\t"
        "cbz r2, 4f\n\t"
        "ldrd r2, r3, [r11]\n\t"
        EDGEQ_HALFWORDS_PRODUCTS("r2", "r3")
        "4:\n\t"
        "ldm r12!, {r6, r7, r8, r9}\n\t"
        EDGEQ_HALFWORDS_OUTPUT("r0", "r6", "r7") EDGEQ_HALFWORDS_OUTPUT("r1", "r8", "r9")
        "bfi r0, r1, #8, #24\n\t"
        "strh r0, [r10], #2\n\t"
        "ldr r2, [sp, #4]\n\t"
        "cmp r12, r2\n\t"
        "bne 1b\n\t"
        "add sp, #12\n\t"
        "pop {r4-r11, pc}\n\t");
}

#else /* on another machine: what they compute, in C */
#include "edgeq_halfwords_dsp_emulated.h"
#endif

#endif

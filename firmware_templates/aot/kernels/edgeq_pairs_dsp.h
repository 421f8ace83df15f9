/* The loops over pairs of channels, for cores with the DSP extension.
 *
 * They are in assembly because 4 pixels x 2 channels need all 14 registers: 8 sums, a word of weights, its even
 * bytes, two words of inputs and two pointers. Compilers spill there. Everything else waits on the stack.
 */
#ifndef EDGEQ_PAIRS_DSP_H
#define EDGEQ_PAIRS_DSP_H

#include "edgeq_arith.h"
#include "edgeq_pairs.h"
#include "edgeq_requantize_dsp.h"

#if defined(__ARM_FEATURE_DSP)

/* Two inputs x 4 pixels x 2 channels: 16 products in 12 instructions. The weights as they are multiply for the odd
 * channel (and add the even one's 256th part), their even bytes for the even one. */
#define EDGEQ_4_STEP                  \
    "ldr r8, [r12], #4\n\t"          \
    "ldrd r10, r11, [lr], #8\n\t"    \
    "sxtb16 r9, r8\n\t"              \
    "smlad r4, r8, r10, r4\n\t"      \
    "smlad r0, r9, r10, r0\n\t"      \
    "smlad r5, r8, r11, r5\n\t"      \
    "smlad r1, r9, r11, r1\n\t"      \
    "ldrd r10, r11, [lr], #8\n\t"    \
    "smlad r6, r8, r10, r6\n\t"      \
    "smlad r2, r9, r10, r2\n\t"      \
    "smlad r7, r8, r11, r7\n\t"      \
    "smlad r3, r9, r11, r3\n\t"

/* The first two inputs, whose products are added to the biases of the even channel in r0 and of both in r4. */
#define EDGEQ_4_FIRST                 \
    "ldr r8, [r12], #4\n\t"          \
    "ldrd r10, r11, [lr, #8]\n\t"    \
    "sxtb16 r9, r8\n\t"              \
    "smlad r6, r8, r10, r4\n\t"      \
    "smlad r2, r9, r10, r0\n\t"      \
    "smlad r7, r8, r11, r4\n\t"      \
    "smlad r3, r9, r11, r0\n\t"      \
    "ldrd r10, r11, [lr], #16\n\t"   \
    "smlad r5, r8, r11, r4\n\t"      \
    "smlad r1, r9, r11, r0\n\t"      \
    "smlad r4, r8, r10, r4\n\t"      \
    "smlad r0, r9, r10, r0\n\t"

#define EDGEQ_4_EACH(first, second, third, fourth, REQUANTIZE) \
    REQUANTIZE(first) REQUANTIZE(second) REQUANTIZE(third) REQUANTIZE(fourth)
/* Both channels' outputs. Two fast entries are loaded at once, and lr, which cannot hold the place in the table for long, is
 * their addends; the signed form needs it, too. */
#define EDGEQ_4_EVEN(x) EDGEQ_REQUANTIZE_BY(x, "r8", "lr", "r9")
#define EDGEQ_4_ODD(x) EDGEQ_REQUANTIZE_BY(x, "r10", "lr", "r11")
#define EDGEQ_4_OUTPUTS_FAST                                              \
    "ldr lr, [sp, #16]\n\t"                                              \
    "ldm lr!, {r8, r9, r10, r11}\n\t"                                    \
    "str lr, [sp, #16]\n\t"                                              \
    "asr lr, r9, #8\n\t"                                                 \
    EDGEQ_4_EACH("r0", "r1", "r2", "r3", EDGEQ_4_EVEN)                    \
    "asr lr, r11, #8\n\t"                                                \
    EDGEQ_4_EACH("r4", "r5", "r6", "r7", EDGEQ_4_ODD)
#define EDGEQ_4_OUTPUTS_SIGNED                                            \
    "ldr lr, [sp, #16]\n\t"                                              \
    "ldm lr, {r8, r9, r10, r11}\n\t"                                     \
    EDGEQ_4_EACH("r0", "r1", "r2", "r3", EDGEQ_REQUANTIZE_SIGNED)         \
    "ldr lr, [sp, #16]\n\t"                                              \
    "add lr, lr, #16\n\t"                                                \
    "ldm lr!, {r8, r9, r10, r11}\n\t"                                    \
    "str lr, [sp, #16]\n\t"                                              \
    EDGEQ_4_EACH("r4", "r5", "r6", "r7", EDGEQ_REQUANTIZE_SIGNED)

/* From the sums to the outputs, the next pair of channels at 1 if r12 is not the end, and the return.
 * Stack: 16 entries, 20 the end, 24 output, 28 stride. */
#define EDGEQ_4_WRITE(OUTPUTS)                                                                   \
    "subs r4, r4, r0\n\t" /* 256 * odd channel */                                                \
    "subs r5, r5, r1\n\t"                                                                        \
    "subs r6, r6, r2\n\t"                                                                        \
    "subs r7, r7, r3\n\t"                                                                        \
    "lsls r0, r0, #8\n\t" /* 256 * even channel */                                               \
    "lsls r1, r1, #8\n\t"                                                                        \
    "lsls r2, r2, #8\n\t"                                                                        \
    "lsls r3, r3, #8\n\t"                                                                        \
    OUTPUTS                                                                                      \
    "ldrd r8, r9, [sp, #24]\n\t"                                                                 \
    "bfi r0, r4, #8, #24\n\t"                                                                    \
    "bfi r1, r5, #8, #24\n\t"                                                                    \
    "bfi r2, r6, #8, #24\n\t"                                                                    \
    "bfi r3, r7, #8, #24\n\t"                                                                    \
    "add r10, r8, r9\n\t"                                                                        \
    "strh r1, [r8, r9]\n\t"                                                                      \
    "strh r2, [r8, r9, lsl #1]\n\t"                                                              \
    "strh r3, [r10, r9, lsl #1]\n\t"                                                             \
    "strh r0, [r8], #2\n\t"                                                                      \
    "str r8, [sp, #24]\n\t"                                                                      \
    "ldr r9, [sp, #20]\n\t"                                                                      \
    "cmp r12, r9\n\t"                                                                            \
    "bne 1b\n\t"                                                                                 \
    "add sp, #36\n\t"                                                                            \
    "pop {r4-r11, pc}\n\t"

/* The first four inputs begin the sums; the others go through a loop of sixteen, which is entered where it leaves a
 * multiple of sixteen: a step is 48 bytes.
 * Stack: 0 where the loop is entered, 4 end of the inputs, 8 inputs, 12 bias, 16 entries, 20 end of the weights,
 * 24 output, 28 stride. Registers: r0-r3 even sums, r4-r7 odd ones, r12 weights, lr inputs. */
#define EDGEQ_PAIRS_4(OUTPUTS)                                                                   \
    "push {r4-r11, lr}\n\t"                                                                      \
    "sub sp, #36\n\t"                                                                            \
    "ldrd r4, r12, [r0]\n\t"                                                                     \
    "ldrd r5, r6, [r0, #8]\n\t"                                                                  \
    "ldrd r7, r8, [r0, #16]\n\t"                                                                 \
    "ldrd r9, r10, [r0, #24]\n\t"                                                                \
    "lsr r11, r9, #2\n\t" /* fours, of which the loop skips 1 minus their number, modulo 4 */    \
    "rsb r11, r11, #1\n\t"                                                                       \
    "and r11, r11, #3\n\t"                                                                       \
    "add r11, r11, r11, lsl #1\n\t"                                                              \
    "adr r1, 2f\n\t"                                                                             \
    "add r11, r1, r11, lsl #5\n\t"                                                               \
    "orr r11, r11, #1\n\t"                                                                       \
    "add r1, r4, r9, lsl #3\n\t"                                                                 \
    "mul r2, r9, r10\n\t"                                                                        \
    "add r2, r12, r2, lsl #1\n\t"                                                                \
    "strd r11, r1, [sp]\n\t"                                                                     \
    "strd r4, r5, [sp, #8]\n\t"                                                                  \
    "strd r6, r2, [sp, #16]\n\t"                                                                 \
    "strd r7, r8, [sp, #24]\n"                                                                   \
    "1:\n\t" /* a pair of channels */                                                            \
    "ldrd lr, r8, [sp, #8]\n\t"                                                                  \
    "ldrd r0, r4, [r8], #8\n\t"                                                                  \
    "str r8, [sp, #12]\n\t"                                                                      \
    EDGEQ_4_FIRST EDGEQ_4_STEP                                                                   \
    "ldrd r8, r9, [sp]\n\t"                                                                      \
    "cmp lr, r9\n\t"                                                                             \
    "beq 3f\n\t"                                                                                 \
    "bx r8\n\t"                                                                                  \
    ".balign 4\n"                                                                                \
    "2:\n\t" /* sixteen inputs */                                                                \
    ".rept 8\n\t" EDGEQ_4_STEP ".endr\n\t"                                                     \
    "ldr r8, [sp, #4]\n\t"                                                                       \
    "cmp lr, r8\n\t"                                                                             \
    "bne 2b\n"                                                                                   \
    "3:\n\t"                                                                                     \
    EDGEQ_4_WRITE(OUTPUTS)

EDGEQ_ASSEMBLY edgeq_pairs_4_fast(const edgeq_pairs *p __attribute__((unused)))
{
    __asm__ volatile(EDGEQ_PAIRS_4(EDGEQ_4_OUTPUTS_FAST));
}

EDGEQ_ASSEMBLY edgeq_pairs_4_signed(const edgeq_pairs *p __attribute__((unused)))
{
    __asm__ volatile(EDGEQ_PAIRS_4(EDGEQ_4_OUTPUTS_SIGNED));
}

/* Two inputs x 2 channels of one pixel. */
#define EDGEQ_1_PRODUCTS(weights, inputs)                 \
    "smlad r1, " weights ", " inputs ", r1\n\t"          \
    "sxtb16 " weights ", " weights "\n\t"                \
    "smlad r0, " weights ", " inputs ", r0\n\t"
#define EDGEQ_1_EIGHT                                                         \
    "ldm r12!, {r2, r3, r4, r5}\n\t"                                         \
    "ldm r11!, {r6, r7, r8, r9}\n\t"                                         \
    EDGEQ_1_PRODUCTS("r6", "r2") EDGEQ_1_PRODUCTS("r7", "r3")                \
    EDGEQ_1_PRODUCTS("r8", "r4") EDGEQ_1_PRODUCTS("r9", "r5")

/* Stack: 0 end of the inputs, 4 end of the weights, 8 inputs, 12 bias, 16 entries, 20 stride, 24 output, 28 end of
 * the inputs in sixteens. Registers: r0 even sum, r1 odd one, r11 weights, r12 inputs, lr an end. */
#define EDGEQ_PAIRS_1(ENTRY, REQUANTIZE)                                                         \
    "push {r4-r11, lr}\n\t"                                                                      \
    "sub sp, #36\n\t"                                                                            \
    "ldrd r4, r11, [r0]\n\t"                                                                     \
    "ldrd r5, r6, [r0, #8]\n\t"                                                                  \
    "ldrd r7, r8, [r0, #16]\n\t"                                                                 \
    "ldrd r9, r10, [r0, #24]\n\t"                                                                \
    "bic r3, r9, #15\n\t"                                                                        \
    "add r3, r4, r3, lsl #1\n\t"                                                                 \
    "add r1, r4, r9, lsl #1\n\t"                                                                 \
    "mul r2, r9, r10\n\t"                                                                        \
    "add r2, r11, r2, lsl #1\n\t"                                                                \
    "strd r1, r2, [sp]\n\t"                                                                      \
    "strd r4, r5, [sp, #8]\n\t"                                                                  \
    "strd r6, r8, [sp, #16]\n\t"                                                                 \
    "strd r7, r3, [sp, #24]\n"                                                                   \
    "1:\n\t" /* a pair of channels */                                                            \
    "ldrd r12, r2, [sp, #8]\n\t"                                                                 \
    "ldm r2!, {r0, r1}\n\t"                                                                      \
    "str r2, [sp, #12]\n\t"                                                                      \
    "ldr lr, [sp, #28]\n\t"                                                                      \
    "cmp r12, lr\n\t"                                                                            \
    "beq 3f\n"                                                                                   \
    "2:\n\t" EDGEQ_1_EIGHT EDGEQ_1_EIGHT                                                         \
    "cmp r12, lr\n\t"                                                                            \
    "bne 2b\n"                                                                                   \
    "3:\n\t"                                                                                     \
    "ldr lr, [sp]\n\t"                                                                           \
    "cmp r12, lr\n\t"                                                                            \
    "beq 5f\n"                                                                                   \
    "4:\n\t" /* four inputs */                                                                   \
    "ldrd r2, r3, [r12], #8\n\t"                                                                 \
    "ldrd r6, r7, [r11], #8\n\t"                                                                 \
    EDGEQ_1_PRODUCTS("r6", "r2") EDGEQ_1_PRODUCTS("r7", "r3")                                    \
    "cmp r12, lr\n\t"                                                                            \
    "bne 4b\n"                                                                                   \
    "5:\n\t"                                                                                     \
    "mov r7, r11\n\t"                                                                            \
    "subs r1, r1, r0\n\t"                                                                        \
    "lsls r0, r0, #8\n\t"                                                                        \
    "ldrd r2, r3, [sp, #16]\n\t"                                                                 \
    ENTRY("r2")                                                                                  \
    REQUANTIZE("r0")                                                                             \
    "adds r2, r2, r3\n\t"                                                                      \
    ENTRY("r2")                                                                                  \
    REQUANTIZE("r1")                                                                             \
    "adds r2, r2, r3\n\t"                                                                        \
    "str r2, [sp, #16]\n\t"                                                                      \
    "ldr r4, [sp, #24]\n\t"                                                                      \
    "strb r0, [r4], #1\n\t"                                                                      \
    "strb r1, [r4], #1\n\t"                                                                      \
    "str r4, [sp, #24]\n\t"                                                                      \
    "mov r11, r7\n\t"                                                                            \
    "ldr r2, [sp, #4]\n\t"                                                                       \
    "cmp r11, r2\n\t"                                                                            \
    "bne 1b\n\t"                                                                                 \
    "add sp, #36\n\t"                                                                            \
    "pop {r4-r11, pc}\n\t"

EDGEQ_ASSEMBLY edgeq_pairs_1_fast(const edgeq_pairs *p __attribute__((unused)))
{
    __asm__ volatile(EDGEQ_PAIRS_1(EDGEQ_ENTRY_FAST, EDGEQ_REQUANTIZE_FAST));
}

EDGEQ_ASSEMBLY edgeq_pairs_1_signed(const edgeq_pairs *p __attribute__((unused)))
{
    __asm__ volatile(EDGEQ_PAIRS_1(EDGEQ_ENTRY_SIGNED, EDGEQ_REQUANTIZE_SIGNED));
}

#else /* on another machine: what they compute, in C */
#include "edgeq_pairs_dsp_emulated.h"
#endif

#endif

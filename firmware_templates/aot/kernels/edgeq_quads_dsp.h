/* The loop over fours of channels, for cores with the DSP extension.
 *
 * It is in assembly for the reason that edgeq_pairs_dsp.h is: 4 channels x 4 inputs need all registers.
 */
#ifndef EDGEQ_QUADS_DSP_H
#define EDGEQ_QUADS_DSP_H

#include "edgeq_arith.h"
#include "edgeq_quads.h"
#include "edgeq_requantize_dsp.h"

#if defined(__ARM_FEATURE_DSP)

/* Four inputs x 4 channels: 16 products in 13 instructions of four bytes each; inputs 0 and 2 in `first`, 1 and 3 in
 * `second`. */
#define EDGEQ_QUAD_STEP(first, second)    \
    "ldm r1!, {r10, r11, r12, lr}\n\t"   \
    "smlad r5, r10, " first ", r5\n\t"   \
    "sxtb16 r10, r10\n\t"                \
    "smlad r7, r12, " first ", r7\n\t"   \
    "sxtb16 r12, r12\n\t"                \
    "smlad r4, r10, " first ", r4\n\t"   \
    "smlad r6, r12, " first ", r6\n\t"   \
    "smlad r5, r11, " second ", r5\n\t"  \
    "sxtb16 r11, r11\n\t"                \
    "smlad r7, lr, " second ", r7\n\t"   \
    "sxtb16 lr, lr\n\t"                  \
    "smlad r4, r11, " second ", r4\n\t"  \
    "smlad r6, lr, " second ", r6\n\t"

/* Each form's loop, and before it where it is entered, so that what is left is whole rounds: from r10, the number of
 * fours, to r10, and r11 for a way in of two jumps. Steps are 52 bytes.
 *
 * Words: 32 inputs a round, eight loaded at once; into the midst of eight goes what stands before
 * it, which loads the four itself. */
#define EDGEQ_QUADS_ENTER_WORDS                                                        \
    "rsb r10, r10, #0\n\t" /* fours that the loop skips: minus their number, modulo 8 */ \
    "and r10, r10, #7\n\t"                                                            \
    "lsr r11, r10, #1\n\t"                                                            \
    "mov r12, #108\n\t"                                                               \
    "mul r11, r11, r12\n\t"                                                           \
    "adr r12, 2f\n\t"                                                                 \
    "add r11, r11, r12\n\t"                                                           \
    "orr r11, r11, #1\n\t"                                                            \
    "tst r10, #1\n\t"                                                                 \
    "mov r10, r11\n\t"                                                                \
    "itttt ne\n\t"                                                                    \
    "addne r11, r11, #56\n\t"                                                         \
    "subne r10, r12, #12\n\t"                                                         \
    "orrne r10, r10, #1\n\t"                                                          \
    "strne r11, [sp, #32]\n\t"
#define EDGEQ_QUADS_OF_WORDS                     \
    "ldrd r8, r9, [r0], #8\n\t"                 \
    "ldr.w r12, [sp, #32]\n\t"                  \
    "bx r12\n\t"                                \
    "nop\n"                                     \
    "2:\n\t"                                    \
    ".rept 4\n\t"                               \
    "ldm r0!, {r2, r3, r8, r9}\n\t"             \
    EDGEQ_QUAD_STEP("r2", "r3")                  \
    EDGEQ_QUAD_STEP("r8", "r9")                  \
    ".endr\n\t"                                 \
    "ldr r3, [sp, #4]\n\t"

/* Bytes: 16 inputs a round, four of them loaded in three instructions. */
#define EDGEQ_QUADS_ENTER_BYTES                                                        \
    "rsb r10, r10, #0\n\t" /* fours that the loop skips: minus their number, modulo 4 */ \
    "and r10, r10, #3\n\t"                                                            \
    "adr r12, 2f\n\t"                                                                 \
    "add r10, r12, r10, lsl #6\n\t"                                                   \
    "orr r10, r10, #1\n\t"
#define EDGEQ_QUADS_OF_BYTES                     \
    "2:\n\t"                                    \
    ".rept 4\n\t"                               \
    "ldr r9, [r0], #4\n\t"                      \
    "sxtb16 r8, r9\n\t"                         \
    "sxtb16 r9, r9, ror #8\n\t"                 \
    EDGEQ_QUAD_STEP("r8", "r9")                  \
    ".endr\n\t"

/* The bytes of four sums, by entries at r2: two fast ones are loaded at once. */
#define EDGEQ_QUAD_PAIR_FAST(even, odd)                  \
    "ldm r2!, {r8, r9, r10, r11}\n\t"                    \
    "asr lr, r9, #8\n\t"                                \
    EDGEQ_REQUANTIZE_BY(even, "r8", "lr", "r9")          \
    "asr lr, r11, #8\n\t"                               \
    EDGEQ_REQUANTIZE_BY(odd, "r10", "lr", "r11")
#define EDGEQ_QUAD_PAIR_SIGNED(even, odd)                \
    "ldm r2!, {r8, r9, r10, r11}\n\t"                    \
    EDGEQ_REQUANTIZE_SIGNED(even)                        \
    "ldm r2!, {r8, r9, r10, r11}\n\t"                    \
    EDGEQ_REQUANTIZE_SIGNED(odd)

/* Stack: 0 inputs, 4 their end, 8 output, 12 stride, 16 entries, 20 end of the weights, 24 where the loop is entered,
 * 28 bias, 32 the second jump. Registers: r4 r5 even and both channels of the first pair, r6 r7 of the second, r0 inputs,
 * r1 weights, r3 end of the inputs. `end` makes bytes of a number of inputs. */
#define EDGEQ_QUADS(end, ENTER, LOOP, PAIR)                                                      \
    "push {r4-r11, lr}\n\t"                                                                     \
    "sub sp, #36\n\t"                                                                           \
    "ldrd r4, r1, [r0]\n\t"                                                                     \
    "ldrd r6, r7, [r0, #8]\n\t"                                                                 \
    "ldrd r8, r9, [r0, #16]\n\t"                                                                \
    "ldrd r10, r11, [r0, #24]\n\t"                                                              \
    "add r5, r4, r10" end "\n\t"                                                                \
    "strd r4, r5, [sp]\n\t"                                                                     \
    "strd r8, r9, [sp, #8]\n\t"                                                                 \
    "mul r11, r10, r11\n\t"                                                                     \
    "add r11, r1, r11, lsl #2\n\t"                                                              \
    "strd r7, r11, [sp, #16]\n\t"                                                               \
    "lsr r10, r10, #2\n\t"                                                                      \
    ENTER                                                                                       \
    "strd r10, r6, [sp, #24]\n"                                                                 \
    "1:\n\t" /* four channels */                                                                \
    "ldrd r8, r9, [sp, #24]\n\t"                                                                \
    "ldm r9!, {r4, r5, r6, r7}\n\t"                                                             \
    "str r9, [sp, #28]\n\t"                                                                     \
    "ldrd r0, r3, [sp]\n\t"                                                                     \
    "bx r8\n\t"                                                                                 \
    ".balign 4\n\t"                                                                             \
    LOOP                                                                                        \
    "cmp r0, r3\n\t"                                                                            \
    "bne 2b\n\t"                                                                                \
    "subs r5, r5, r4\n\t" /* 256 * odd channel */                                               \
    "subs r7, r7, r6\n\t"                                                                       \
    "lsls r4, r4, #8\n\t" /* 256 * even channel */                                              \
    "lsls r6, r6, #8\n\t"                                                                       \
    "ldrd r12, r0, [sp, #8]\n\t"                                                                \
    "ldr r2, [sp, #16]\n\t"                                                                     \
    "add r0, r0, r2\n\t"                                                                        \
    PAIR("r4", "r5")                                                                            \
    PAIR("r6", "r7")                                                                            \
    "str r0, [sp, #16]\n\t"                                                                     \
    "strb r4, [r12], #1\n\t"                                                                    \
    "strb r5, [r12], #1\n\t"                                                                    \
    "strb r6, [r12], #1\n\t"                                                                    \
    "strb r7, [r12], #1\n\t"                                                                    \
    "str r12, [sp, #8]\n\t"                                                                     \
    "ldr r3, [sp, #20]\n\t"                                                                     \
    "cmp r1, r3\n\t"                                                                            \
    "bne 1b\n\t"                                                                                \
    "add sp, #36\n\t"                                                                           \
    "pop {r4-r11, pc}\n\t"

EDGEQ_ASSEMBLY edgeq_quads_fast(const edgeq_quads *p __attribute__((unused)))
{
    __asm__ volatile(EDGEQ_QUADS(", lsl #1", EDGEQ_QUADS_ENTER_WORDS, EDGEQ_QUADS_OF_WORDS, EDGEQ_QUAD_PAIR_FAST));
}

EDGEQ_ASSEMBLY edgeq_quads_signed(const edgeq_quads *p __attribute__((unused)))
{
    __asm__ volatile(EDGEQ_QUADS(", lsl #1", EDGEQ_QUADS_ENTER_WORDS, EDGEQ_QUADS_OF_WORDS, EDGEQ_QUAD_PAIR_SIGNED));
}

EDGEQ_ASSEMBLY edgeq_quads_of_bytes_fast(const edgeq_quads *p __attribute__((unused)))
{
    __asm__ volatile(EDGEQ_QUADS("", EDGEQ_QUADS_ENTER_BYTES, EDGEQ_QUADS_OF_BYTES, EDGEQ_QUAD_PAIR_FAST));
}

EDGEQ_ASSEMBLY edgeq_quads_of_bytes_signed(const edgeq_quads *p __attribute__((unused)))
{
    __asm__ volatile(EDGEQ_QUADS("", EDGEQ_QUADS_ENTER_BYTES, EDGEQ_QUADS_OF_BYTES, EDGEQ_QUAD_PAIR_SIGNED));
}

EDGEQ_INLINE void edgeq_quads_of(const edgeq_quads *p, edgeq_form form)
{
    if (form == EDGEQ_SIGNED) {
        edgeq_quads_signed(p);
    } else {
        edgeq_quads_fast(p);
    }
}

/* The same where the inputs are bytes as they lie. */
EDGEQ_INLINE void edgeq_quads_of_bytes(const edgeq_quads *p, edgeq_form form)
{
    if (form == EDGEQ_SIGNED) {
        edgeq_quads_of_bytes_signed(p);
    } else {
        edgeq_quads_of_bytes_fast(p);
    }
}

#else /* on another machine: what it computes, in C */
#include "edgeq_quads_dsp_emulated.h"
#endif

#endif

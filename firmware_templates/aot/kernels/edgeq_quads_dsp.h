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

/* Four inputs, as halfwords or as bytes. */
#define EDGEQ_QUAD_WORDS "ldrd r8, r9, [r0], #8\n\t"
#define EDGEQ_QUAD_BYTES           \
    "ldr r9, [r0], #4\n\t"        \
    "sxtb16 r8, r9\n\t"           \
    "sxtb16 r9, r9, ror #8\n\t"

/* Four inputs x 4 channels: 16 products in 13 instructions of four bytes each, and those that load the inputs. */
#define EDGEQ_QUAD_STEP                   \
    "ldm r1!, {r10, r11, r12, lr}\n\t"   \
    "smlad r5, r10, r8, r5\n\t"          \
    "sxtb16 r10, r10\n\t"                \
    "smlad r7, r12, r8, r7\n\t"          \
    "sxtb16 r12, r12\n\t"                \
    "smlad r4, r10, r8, r4\n\t"          \
    "smlad r6, r12, r8, r6\n\t"          \
    "smlad r5, r11, r9, r5\n\t"          \
    "sxtb16 r11, r11\n\t"                \
    "smlad r7, lr, r9, r7\n\t"           \
    "sxtb16 lr, lr\n\t"                  \
    "smlad r4, r11, r9, r4\n\t"          \
    "smlad r6, lr, r9, r6\n\t"

#define EDGEQ_QUAD_OUTPUT(sum, REQUANTIZE)   \
    "ldm r2, {r8, r9, r10, r11}\n\t"        \
    "add r2, r2, r0\n\t"                    \
    REQUANTIZE(sum)                         \
    "strb " sum ", [r12], #1\n\t"

/* A loop of sixteen inputs is entered where it leaves a multiple of sixteen: a step of words is 56 bytes, one of bytes 64.
 * Stack: 0 inputs, 4 their end, 8 output, 12 stride, 16 entries, 20 end of the weights, 24 where the loop is entered,
 * 28 bias. Registers: r4 r5 even and both channels of the first pair, r6 r7 of the second, r0 inputs, r1 weights, r3
 * end of the inputs. */
#define EDGEQ_QUADS(LOAD, end, skipped, REQUANTIZE)                                                                  \
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
    "rsb r10, r10, #0\n\t" /* fours that the loop skips: minus their number, modulo 4 */        \
    "ubfx r10, r10, #2, #2\n\t"                                                                 \
    skipped                                                                                     \
    "adr r11, 2f\n\t"                                                                           \
    "add r10, r11, r10, lsl #3\n\t"                                                             \
    "orr r10, r10, #1\n\t"                                                                      \
    "strd r10, r6, [sp, #24]\n"                                                                 \
    "1:\n\t" /* four channels */                                                                \
    "ldrd r8, r9, [sp, #24]\n\t"                                                                \
    "ldm r9!, {r4, r5, r6, r7}\n\t"                                                             \
    "str r9, [sp, #28]\n\t"                                                                     \
    "ldrd r0, r3, [sp]\n\t"                                                                     \
    "bx r8\n\t"                                                                                 \
    ".balign 4\n"                                                                               \
    "2:\n\t" /* sixteen inputs */                                                                \
    ".rept 4\n\t" LOAD EDGEQ_QUAD_STEP ".endr\n\t"                                                   \
    "cmp r0, r3\n\t"                                                                            \
    "bne 2b\n\t"                                                                                \
    "subs r5, r5, r4\n\t" /* 256 * odd channel */                                               \
    "subs r7, r7, r6\n\t"                                                                       \
    "lsls r4, r4, #8\n\t" /* 256 * even channel */                                              \
    "lsls r6, r6, #8\n\t"                                                                       \
    "ldrd r12, r0, [sp, #8]\n\t"                                                                \
    "ldr r2, [sp, #16]\n\t"                                                                     \
    EDGEQ_QUAD_OUTPUT("r4", REQUANTIZE)                                                         \
    EDGEQ_QUAD_OUTPUT("r5", REQUANTIZE)                                                         \
    EDGEQ_QUAD_OUTPUT("r6", REQUANTIZE)                                                         \
    EDGEQ_QUAD_OUTPUT("r7", REQUANTIZE)                                                         \
    "str r12, [sp, #8]\n\t"                                                                     \
    "str r2, [sp, #16]\n\t"                                                                     \
    "ldr r3, [sp, #20]\n\t"                                                                     \
    "cmp r1, r3\n\t"                                                                            \
    "bne 1b\n\t"                                                                                \
    "add sp, #36\n\t"                                                                           \
    "pop {r4-r11, pc}\n\t"

#define EDGEQ_QUADS_OF_WORDS(REQUANTIZE) \
    EDGEQ_QUADS(EDGEQ_QUAD_WORDS, ", lsl #1", "rsb r10, r10, r10, lsl #3\n\t", REQUANTIZE)
#define EDGEQ_QUADS_OF_BYTES(REQUANTIZE) EDGEQ_QUADS(EDGEQ_QUAD_BYTES, "", "lsl r10, r10, #3\n\t", REQUANTIZE)

EDGEQ_ASSEMBLY edgeq_quads_fast(const edgeq_quads *p __attribute__((unused)))
{
    __asm__ volatile(EDGEQ_QUADS_OF_WORDS(EDGEQ_REQUANTIZE_FAST));
}

EDGEQ_ASSEMBLY edgeq_quads_signed(const edgeq_quads *p __attribute__((unused)))
{
    __asm__ volatile(EDGEQ_QUADS_OF_WORDS(EDGEQ_REQUANTIZE_SIGNED));
}

EDGEQ_ASSEMBLY edgeq_quads_of_bytes_fast(const edgeq_quads *p __attribute__((unused)))
{
    __asm__ volatile(EDGEQ_QUADS_OF_BYTES(EDGEQ_REQUANTIZE_FAST));
}

EDGEQ_ASSEMBLY edgeq_quads_of_bytes_signed(const edgeq_quads *p __attribute__((unused)))
{
    __asm__ volatile(EDGEQ_QUADS_OF_BYTES(EDGEQ_REQUANTIZE_SIGNED));
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

/* Depthwise windows of any shape, sixteen channels at once, for Helium.
 *
 * Bytes are multiplied to halfwords, even channels and odd ones apart. The products of two taps are added there, which the
 * weights allow (two of a channel are 255 together at most, taken positive), and then as words. In assembly, because the
 * four sums, the products and their factors need all eight registers. For each sixteen of the channels:
 *
 *     for (t = 0; t < 2 * pairs; t++)
 *         for (c = 0; c < 16; c++)
 *             sum[c] += filters[t][c] * taps[t][c];
 *     output[c] = requantized(sum[c]);
 */
#ifndef EDGEQ_SIXTEENS_MVE_H
#define EDGEQ_SIXTEENS_MVE_H

#include <stdint.h>

#include "edgeq_mve.h"

/* In the order of the assembly. */
typedef struct {
    const int8_t *const *taps; /* a pixel each */
    const int8_t *filters; /* of sixteen: weights [2 * pairs][16], then int32 [bias, multiplier, addend, shift][4] of the
                            * channels 0, 4, 8, 12, of 2, 6, …, of 1, 5, … and of 3, 7, … */
    int8_t *output;
    int32_t channels;
    int32_t pairs;
} edgeq_sixteens;

#define EDGEQ_SIXTEENS_FAST(q) ""
#define EDGEQ_SIXTEENS_SIGNED(q)          \
    "vshr.s32 q5, " q ", #31\n\t"        \
    "vadd.i32 " q ", " q ", q5\n\t"

#define EDGEQ_SIXTEENS_REQUANTIZE(q, SIGN)     \
    "vldrw.32 q4, [r3], #16\n\t"              \
    "vadd.i32 " q ", " q ", q4\n\t"           \
    "vldrw.32 q5, [r3], #16\n\t"              \
    "vqrdmulh.s32 " q ", " q ", q5\n\t"       \
    "vldrw.32 q4, [r3], #16\n\t"              \
    SIGN(q)                                    \
    "vqadd.s32 " q ", " q ", q4\n\t"          \
    "vldrw.32 q5, [r3], #16\n\t"              \
    "vshl.s32 " q ", " q ", q5\n\t"

/* Registers: r1 taps, r3 filters, r8 channels done, r9 the arguments, r10 channels left, r11 output, q0-q3 sums. */
#define EDGEQ_SIXTEENS(SIGN)                     \
    "push {r4-r11, lr}\n\t"                     \
    "vpush {d8-d15}\n\t"                        \
    "mov r9, r0\n\t"                            \
    "ldrd r3, r11, [r9, #4]\n\t"                \
    "ldrd r10, r4, [r9, #12]\n\t"               \
    "mov r8, #0\n"                              \
    "1:\n\t"                                    \
    "vctp.8 r10\n\t"                            \
    "ldr r1, [r9]\n\t"                          \
    "vmov.i32 q0, #0\n\t"                       \
    "vmov.i32 q1, #0\n\t"                       \
    "vmov.i32 q2, #0\n\t"                       \
    "vmov.i32 q3, #0\n\t"                       \
    "dls lr, r4\n"                              \
    "2:\n\t" /* two taps */                      \
    "ldrd r5, r6, [r1], #8\n\t"                 \
    "add r5, r5, r8\n\t"                        \
    "add r6, r6, r8\n\t"                        \
    "vpstt\n\t"                                 \
    "vldrbt.8 q4, [r5]\n\t"                     \
    "vldrbt.8 q5, [r6]\n\t"                     \
    "vldrb.8 q6, [r3], #16\n\t"                 \
    "vmullb.s8 q7, q4, q6\n\t"                  \
    "vmullt.s8 q4, q4, q6\n\t"                  \
    "vldrb.8 q6, [r3]\n\t"                      \
    "vmullb.s8 q6, q5, q6\n\t"                  \
    "vadd.i16 q7, q7, q6\n\t"                   \
    "vldrb.8 q6, [r3], #16\n\t"                 \
    "vmullt.s8 q5, q5, q6\n\t"                  \
    "vadd.i16 q4, q4, q5\n\t"                   \
    "vmovlb.s16 q5, q7\n\t"                     \
    "vadd.i32 q0, q0, q5\n\t"                   \
    "vmovlt.s16 q7, q7\n\t"                     \
    "vadd.i32 q1, q1, q7\n\t"                   \
    "vmovlb.s16 q6, q4\n\t"                     \
    "vadd.i32 q2, q2, q6\n\t"                   \
    "vmovlt.s16 q4, q4\n\t"                     \
    "vadd.i32 q3, q3, q4\n\t"                   \
    "le lr, 2b\n\t"                             \
    EDGEQ_SIXTEENS_REQUANTIZE("q0", SIGN)        \
    EDGEQ_SIXTEENS_REQUANTIZE("q1", SIGN)        \
    EDGEQ_SIXTEENS_REQUANTIZE("q2", SIGN)        \
    EDGEQ_SIXTEENS_REQUANTIZE("q3", SIGN)        \
    "vqmovnb.s32 q0, q0\n\t"                    \
    "vqmovnt.s32 q0, q1\n\t"                    \
    "vqmovnb.s32 q2, q2\n\t"                    \
    "vqmovnt.s32 q2, q3\n\t"                    \
    "vqmovnb.s16 q0, q0\n\t"                    \
    "vqmovnt.s16 q0, q2\n\t"                    \
    "vpst\n\t"                                  \
    "vstrbt.8 q0, [r11], #16\n\t"               \
    "add r8, r8, #16\n\t"                       \
    "subs r10, r10, #16\n\t"                    \
    "bgt 1b\n\t"                                \
    "vpop {d8-d15}\n\t"                         \
    "pop {r4-r11, pc}"

EDGEQ_ASSEMBLY edgeq_sixteens_fast(const edgeq_sixteens *sixteens __attribute__((unused)))
{
    __asm__ volatile(EDGEQ_SIXTEENS(EDGEQ_SIXTEENS_FAST));
}

EDGEQ_ASSEMBLY edgeq_sixteens_signed(const edgeq_sixteens *sixteens __attribute__((unused)))
{
    __asm__ volatile(EDGEQ_SIXTEENS(EDGEQ_SIXTEENS_SIGNED));
}

#endif

/* The loop over eights of channels of one row, for Helium: the fully connected twin of edgeq_quads_mve.h.
 *
 * It is in assembly for the same reason, eight sums in the eight even registers. For each of the eights:
 *
 *     for (c = 0; c < 8; c++)
 *         for (k = 0; k < 16 * steps; k++)
 *             sum[c] += filters[k / 16][c][k % 16] * row[k];
 *     output[c] = requantized(sum[c]);
 */
#ifndef EDGEQ_OCTETS_MVE_H
#define EDGEQ_OCTETS_MVE_H

#include <stdint.h>

#include "edgeq_mve.h"

/* In the order of the assembly. */
typedef struct {
    const int8_t *row;     /* 16 * steps bytes */
    const int8_t *filters; /* of eight: weights [steps][8][16], then int32 [multiplier, addend(, correction)][8] */
    int8_t *output;
    const int8_t *end;   /* of the filters */
    int32_t left, right; /* shifts of the layer, the second one negative */
    int32_t middle;      /* below it the correction is added */
    int32_t rest;        /* edgeq_steps_rest(steps) */
} edgeq_octets;

#define EDGEQ_OCTETS_STEP(MLADAV)    \
    "vldrb.8 q0, [r1], #16\n\t"     \
    "vldrb.8 q1, [r11], #16\n\t"    \
    MLADAV " r0, q0, q1\n\t"        \
    "vldrb.8 q2, [r11], #16\n\t"    \
    MLADAV " r2, q0, q2\n\t"        \
    "vldrb.8 q1, [r11], #16\n\t"    \
    MLADAV " r4, q0, q1\n\t"        \
    "vldrb.8 q2, [r11], #16\n\t"    \
    MLADAV " r6, q0, q2\n\t"        \
    "vldrb.8 q1, [r11], #16\n\t"    \
    MLADAV " r8, q0, q1\n\t"        \
    "vldrb.8 q2, [r11], #16\n\t"    \
    MLADAV " r10, q0, q2\n\t"       \
    "vldrb.8 q1, [r11], #16\n\t"    \
    MLADAV " r12, q0, q1\n\t"       \
    "vldrb.8 q2, [r11], #16\n\t"    \
    MLADAV " lr, q0, q2\n\t"

#define EDGEQ_OCTETS_FAST ""
#define EDGEQ_OCTETS_SIGNED           \
    "ldr r3, [r9, #24]\n\t"          \
    "vldrw.32 q2, [r11], #16\n\t"    \
    "vpt.s32 lt, q0, r3\n\t"         \
    "vqaddt.s32 q0, q0, q2\n\t"      \
    "vldrw.32 q3, [r11], #16\n\t"    \
    "vpt.s32 lt, q1, r3\n\t"         \
    "vqaddt.s32 q1, q1, q3\n\t"

/* Registers: r1 row, r11 filters, r5 output, r7 rest, r9 the arguments, the even ones sums. */
#define EDGEQ_OCTETS(SIGN)                           \
    "push {r4-r11, lr}\n\t"                         \
    "mov r9, r0\n\t"                                \
    "ldr r11, [r9, #4]\n\t"                         \
    "ldr r5, [r9, #8]\n"                            \
    "0:\n\t"                                        \
    "ldr r1, [r9]\n\t"                              \
    "ldr r7, [r9, #28]\n\t"                         \
    EDGEQ_OCTETS_STEP("vmladav.s8")                 \
    "asrs r7, r7, #1\n\t"                           \
    "bmi 3f\n\t"                                    \
    "bcs 2f\n"                                      \
    "1:\n\t" EDGEQ_OCTETS_STEP("vmladava.s8")       \
    "2:\n\t" EDGEQ_OCTETS_STEP("vmladava.s8")       \
    "subs r7, r7, #1\n\t"                           \
    "bge 1b\n"                                      \
    "3:\n\t"                                        \
    "vmov q0[2], q0[0], r0, r4\n\t"                 \
    "vmov q0[3], q0[1], r2, r6\n\t"                 \
    "vmov q1[2], q1[0], r8, r12\n\t"                \
    "vmov q1[3], q1[1], r10, lr\n\t"                \
    "ldrd r0, r2, [r9, #16]\n\t"                    \
    "vldrw.32 q2, [r11], #16\n\t"                   \
    "vshl.s32 q0, r0\n\t"                           \
    "vqdmulh.s32 q0, q0, q2\n\t"                    \
    "vldrw.32 q3, [r11], #16\n\t"                   \
    "vshl.s32 q1, r0\n\t"                           \
    "vqdmulh.s32 q1, q1, q3\n\t"                    \
    "vldrw.32 q2, [r11], #16\n\t"                   \
    "vqadd.s32 q0, q0, q2\n\t"                      \
    "vldrw.32 q3, [r11], #16\n\t"                   \
    "vqadd.s32 q1, q1, q3\n\t"                      \
    SIGN                                            \
    "vshl.s32 q0, r2\n\t"                           \
    "vshl.s32 q1, r2\n\t"                           \
    "vqmovnb.s32 q0, q0\n\t"                        \
    "vqmovnt.s32 q0, q1\n\t"                        \
    "vqmovnb.s16 q0, q0\n\t"                        \
    "ldr r3, [r9, #12]\n\t"                         \
    "vshr.u32 q1, q0, #16\n\t"                      \
    "vstrb.32 q0, [r5], #4\n\t"                     \
    "vstrb.32 q1, [r5], #4\n\t"                     \
    "cmp r11, r3\n\t"                               \
    "bne 0b\n\t"                                    \
    "pop {r4-r11, pc}"

EDGEQ_ASSEMBLY edgeq_octets_fast(const edgeq_octets *octets __attribute__((unused)))
{
    __asm__ volatile(EDGEQ_OCTETS(EDGEQ_OCTETS_FAST));
}

EDGEQ_ASSEMBLY edgeq_octets_signed(const edgeq_octets *octets __attribute__((unused)))
{
    __asm__ volatile(EDGEQ_OCTETS(EDGEQ_OCTETS_SIGNED));
}

#endif

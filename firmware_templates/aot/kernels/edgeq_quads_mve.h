/* The loops over pairs of pixels and fours of channels for Helium.
 *
 * It is in assembly because its eight sums need all eight even registers, which VMLADAV adds to, so that even the link
 * register's loops must do without: compilers spill. What it computes, for each of the pairs and of the fours:
 *
 *     for (i = 0; i < 2; i++)
 *         for (c = 0; c < 4; c++)
 *             for (k = 0; k < 16 * steps; k++)
 *                 sum[i][c] += filters[k / 16][c][k % 16] * input[i][k];
 *     output[i * pitch + c] = requantized(sum[i][c]);
 */
#ifndef EDGEQ_QUADS_MVE_H
#define EDGEQ_QUADS_MVE_H

#include <stdint.h>

#include "edgeq_mve.h"

/* In the order of the assembly. */
typedef struct {
    const int8_t *first, *second; /* the inputs of two pixels, 16 * steps bytes */
    const int8_t *filters;        /* of a four: weights [steps][4][16], int32 [bias, multiplier, addend, shift][4] */
    int8_t *output;
    int32_t pitch;     /* bytes from the first pixel's outputs to the second's */
    const int8_t *end; /* of the filters less one; or where the last four's begin, which goes `back` first */
    int32_t rest;      /* edgeq_steps_rest(steps) */
    int32_t step;      /* bytes to the inputs of the next two pixels */
    int32_t pairs;     /* of pixels */
    int32_t back;      /* how many channels the last four shares with the one before */
    int32_t next;      /* bytes from behind the first pixel's outputs to the next two pixels' */
} edgeq_quads;

#define EDGEQ_QUADS_STEP(MLADAV)     \
    "vldrb.8 q0, [r1], #16\n\t"     \
    "vldrb.8 q2, [r11], #16\n\t"     \
    MLADAV " r0, q0, q2\n\t"        \
    "vldrb.8 q1, [r3], #16\n\t"     \
    MLADAV " r8, q1, q2\n\t"        \
    "vldrb.8 q3, [r11], #16\n\t"     \
    MLADAV " r2, q0, q3\n\t"        \
    MLADAV " r10, q1, q3\n\t"       \
    "vldrb.8 q2, [r11], #16\n\t"     \
    MLADAV " r4, q0, q2\n\t"        \
    MLADAV " r12, q1, q2\n\t"       \
    "vldrb.8 q3, [r11], #16\n\t"     \
    MLADAV " r6, q0, q3\n\t"        \
    MLADAV " lr, q1, q3\n\t"

#define EDGEQ_QUADS_FAST ""
#define EDGEQ_QUADS_SIGNED          \
    "vshr.s32 q3, q0, #31\n\t"     \
    "vadd.i32 q0, q0, q3\n\t"      \
    "vshr.s32 q3, q1, #31\n\t"     \
    "vadd.i32 q1, q1, q3\n\t"

/* Registers: r1, r3 inputs, r11 filters, r7 rest, r9 the arguments, r5 output, the even ones sums. */
#define EDGEQ_QUADS(SIGN)                                                       \
    "push {r4-r11, lr}\n\t"                                                     \
    "mov r9, r0\n\t"                                                            \
    "ldr r5, [r9, #12]\n"                                                       \
    "5:\n\t" /* two pixels */                                                   \
    "ldr r11, [r9, #8]\n"                                                       \
    "0:\n\t" /* four channels */                                                \
    "ldrd r1, r3, [r9]\n\t"                                                     \
    "ldr r7, [r9, #24]\n\t"                                                     \
    EDGEQ_QUADS_STEP("vmladav.s8")                                              \
    "asrs r7, r7, #1\n\t"                                                       \
    "bmi 3f\n\t"                                                                \
    "bcs 2f\n"                                                                  \
    "1:\n\t" EDGEQ_QUADS_STEP("vmladava.s8")                                    \
    "2:\n\t" EDGEQ_QUADS_STEP("vmladava.s8")                                    \
    "subs r7, r7, #1\n\t"                                                       \
    "bge 1b\n"                                                                  \
    "3:\n\t"                                                                    \
    "vmov q0[2], q0[0], r0, r4\n\t"                                             \
    "vmov q0[3], q0[1], r2, r6\n\t"                                             \
    "vmov q1[2], q1[0], r8, r12\n\t"                                            \
    "vmov q1[3], q1[1], r10, lr\n\t"                                            \
    "vldrw.32 q2, [r11], #16\n\t"                                                \
    "vadd.i32 q0, q0, q2\n\t"                                                   \
    "vadd.i32 q1, q1, q2\n\t"                                                   \
    "vldrw.32 q3, [r11], #16\n\t"                                                \
    "vqrdmulh.s32 q0, q0, q3\n\t"                                               \
    "vqrdmulh.s32 q1, q1, q3\n\t"                                               \
    "vldrw.32 q2, [r11], #16\n\t"                                                \
    SIGN                                                                        \
    "vqadd.s32 q0, q0, q2\n\t"                                                  \
    "vqadd.s32 q1, q1, q2\n\t"                                                  \
    "vldrw.32 q3, [r11], #16\n\t"                                                \
    "vshl.s32 q0, q0, q3\n\t"                                                   \
    "vshl.s32 q1, q1, q3\n\t"                                                   \
    "vqmovnb.s32 q0, q0\n\t"                                                    \
    "vqmovnt.s32 q0, q1\n\t"                                                    \
    "vqmovnb.s16 q0, q0\n\t"                                                    \
    "ldrd r0, r2, [r9, #16]\n\t"                                                \
    "add r0, r0, r5\n\t"                                                       \
    "vshr.u32 q1, q0, #16\n\t"                                                  \
    "vstrb.32 q0, [r5], #4\n\t"                                                \
    "vstrb.32 q1, [r0]\n\t"                                                     \
    "cmp r11, r2\n\t"                                                           \
    "blo 0b\n\t"                                                                \
    "bhi 4f\n\t"                                                                \
    "ldr r0, [r9, #36]\n\t"                                                     \
    "sub r5, r5, r0\n\t"                                                        \
    "b 0b\n"                                                                    \
    "4:\n\t"                                                                    \
    "ldrd r0, r2, [r9]\n\t"                                                     \
    "ldrd r4, r6, [r9, #28]\n\t"                                                \
    "add r0, r0, r4\n\t"                                                        \
    "add r2, r2, r4\n\t"                                                        \
    "strd r0, r2, [r9]\n\t"                                                     \
    "ldr r4, [r9, #40]\n\t"                                                     \
    "add r5, r5, r4\n\t"                                                        \
    "subs r6, r6, #1\n\t"                                                       \
    "str r6, [r9, #32]\n\t"                                                     \
    "bne 5b\n\t"                                                                \
    "pop {r4-r11, pc}"

/* It counts quads->first, second and pairs on. */
EDGEQ_ASSEMBLY edgeq_quads_fast(edgeq_quads *quads __attribute__((unused)))
{
    __asm__ volatile(EDGEQ_QUADS(EDGEQ_QUADS_FAST));
}

EDGEQ_ASSEMBLY edgeq_quads_signed(edgeq_quads *quads __attribute__((unused)))
{
    __asm__ volatile(EDGEQ_QUADS(EDGEQ_QUADS_SIGNED));
}

#endif

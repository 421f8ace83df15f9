/* Windows of three columns over a band of lines, four pixels and two channels at once, for Helium.
 *
 * The four pixels' windows overlap, and each vector of inputs is loaded once for all of them. In assembly for the reason of
 * edgeq_quads_mve.h. For each of the pairs of channels, with t from 0 to 2, i to 3, c to 1 and k to 15:
 *
 *     for (s = 0; s < steps; s++)
 *         sum[c][i] += filters[s][t][c][k] * inputs[s * line + (STRIDE * i + t) * 16 + k];
 *     output[i * pitch + c] = requantized(sum[c][i]);
 */
#ifndef EDGEQ_BANDS_MVE_H
#define EDGEQ_BANDS_MVE_H

#include <stdint.h>

#include "edgeq_mve.h"

/* In the order of the assembly. */
typedef struct {
    const int8_t *inputs;
    int32_t steps;         /* 2 or more: the lines of a kernel, by sixteens of channels */
    const int8_t *filters; /* of two: weights [steps][3][2][16], then twice int32 bias, multiplier, addend, shift */
    int8_t *output;        /* at an even address, as the offsets are even */
    int32_t left;          /* bytes from behind a step's inputs to the next one's */
    const int8_t *end;     /* of the filters */
    int32_t offsets[4];    /* of the pixels' outputs */
} edgeq_bands;

/* A tap of a pixel, both channels: sums a and b. */
#define EDGEQ_BANDS_TAP(MLADAV, a, b, first, second) \
    MLADAV " " a ", q6, " first "\n\t" MLADAV " " b ", q6, " second "\n\t"
#define EDGEQ_BANDS_0(MLADAV, a, b) EDGEQ_BANDS_TAP(MLADAV, a, b, "q0", "q1")
#define EDGEQ_BANDS_1(a, b) EDGEQ_BANDS_TAP("vmladava.s8", a, b, "q2", "q3")
#define EDGEQ_BANDS_2(a, b) EDGEQ_BANDS_TAP("vmladava.s8", a, b, "q4", "q5")
#define EDGEQ_BANDS_LOAD "vldrb.8 q6, [r1], #16\n\t"
#define EDGEQ_BANDS_WEIGHTS           \
    "vldrb.8 q0, [r11], #16\n\t"     \
    "vldrb.8 q1, [r11], #16\n\t"     \
    "vldrb.8 q2, [r11], #16\n\t"     \
    "vldrb.8 q3, [r11], #16\n\t"     \
    "vldrb.8 q4, [r11], #16\n\t"     \
    "vldrb.8 q5, [r11], #16\n\t"

#define EDGEQ_BANDS_STEP_1(MLADAV)                                                                              \
    EDGEQ_BANDS_WEIGHTS                                                                                         \
    EDGEQ_BANDS_LOAD EDGEQ_BANDS_0(MLADAV, "r0", "r8")                                                          \
    EDGEQ_BANDS_LOAD EDGEQ_BANDS_1("r0", "r8") EDGEQ_BANDS_0(MLADAV, "r2", "r10")                               \
    EDGEQ_BANDS_LOAD EDGEQ_BANDS_2("r0", "r8") EDGEQ_BANDS_1("r2", "r10") EDGEQ_BANDS_0(MLADAV, "r4", "r12")    \
    EDGEQ_BANDS_LOAD EDGEQ_BANDS_2("r2", "r10") EDGEQ_BANDS_1("r4", "r12") EDGEQ_BANDS_0(MLADAV, "r6", "lr")    \
    EDGEQ_BANDS_LOAD EDGEQ_BANDS_2("r4", "r12") EDGEQ_BANDS_1("r6", "lr")                                       \
    EDGEQ_BANDS_LOAD EDGEQ_BANDS_2("r6", "lr")                                                                  \
    "add r1, r1, r3\n\t"

#define EDGEQ_BANDS_STEP_2(MLADAV)                                                     \
    EDGEQ_BANDS_WEIGHTS                                                                \
    EDGEQ_BANDS_LOAD EDGEQ_BANDS_0(MLADAV, "r0", "r8")                                 \
    EDGEQ_BANDS_LOAD EDGEQ_BANDS_1("r0", "r8")                                         \
    EDGEQ_BANDS_LOAD EDGEQ_BANDS_2("r0", "r8") EDGEQ_BANDS_0(MLADAV, "r2", "r10")      \
    EDGEQ_BANDS_LOAD EDGEQ_BANDS_1("r2", "r10")                                        \
    EDGEQ_BANDS_LOAD EDGEQ_BANDS_2("r2", "r10") EDGEQ_BANDS_0(MLADAV, "r4", "r12")     \
    EDGEQ_BANDS_LOAD EDGEQ_BANDS_1("r4", "r12")                                        \
    EDGEQ_BANDS_LOAD EDGEQ_BANDS_2("r4", "r12") EDGEQ_BANDS_0(MLADAV, "r6", "lr")      \
    EDGEQ_BANDS_LOAD EDGEQ_BANDS_1("r6", "lr")                                         \
    EDGEQ_BANDS_LOAD EDGEQ_BANDS_2("r6", "lr")                                         \
    "add r1, r1, r3\n\t"

#define EDGEQ_BANDS_FAST(q) ""
#define EDGEQ_BANDS_SIGNED(q)             \
    "vshr.s32 q2, " q ", #31\n\t"        \
    "vadd.i32 " q ", " q ", q2\n\t"

/* One channel's four pixels. */
#define EDGEQ_BANDS_REQUANTIZE(q, SIGN)         \
    "ldm r11!, {r0, r2, r4, r6}\n\t"            \
    "vadd.i32 " q ", " q ", r0\n\t"            \
    "vqrdmulh.s32 " q ", " q ", r2\n\t"        \
    SIGN(q)                                     \
    "vqadd.s32 " q ", " q ", r4\n\t"           \
    "vshl.s32 " q ", r6\n\t"                   \
    "vqmovnb.s32 " q ", " q "\n\t"

/* Registers: r1 inputs, r3 left, r5 output, r7 steps, r9 the arguments, r11 filters, q7 offsets, the even ones sums. */
#define EDGEQ_BANDS(STEP, SIGN)                  \
    "push {r4-r11, lr}\n\t"                     \
    "vpush {d8-d15}\n\t"                        \
    "mov r9, r0\n\t"                            \
    "add r0, r0, #24\n\t"                       \
    "vldrw.32 q7, [r0]\n\t"                     \
    "ldrd r11, r5, [r9, #8]\n\t"                \
    "ldr r3, [r9, #16]\n"                       \
    "1:\n\t" /* two channels */                  \
    "ldrd r1, r7, [r9]\n\t"                     \
    STEP("vmladav.s8")                           \
    "sub r7, r7, #1\n"                          \
    "2:\n\t"                                    \
    STEP("vmladava.s8")                          \
    "subs r7, r7, #1\n\t"                       \
    "bne 2b\n\t"                                \
    "vmov q0[2], q0[0], r0, r4\n\t"             \
    "vmov q0[3], q0[1], r2, r6\n\t"             \
    "vmov q1[2], q1[0], r8, r12\n\t"            \
    "vmov q1[3], q1[1], r10, lr\n\t"            \
    EDGEQ_BANDS_REQUANTIZE("q0", SIGN)           \
    EDGEQ_BANDS_REQUANTIZE("q1", SIGN)           \
    "ldr r0, [r9, #20]\n\t"                     \
    "vqmovnb.s16 q0, q0\n\t"                    \
    "vqmovnt.s16 q0, q1\n\t"                    \
    "vstrh.32 q0, [r5, q7]\n\t"                 \
    "add r5, r5, #2\n\t"                        \
    "cmp r11, r0\n\t"                           \
    "bne 1b\n\t"                                \
    "vpop {d8-d15}\n\t"                         \
    "pop {r4-r11, pc}"

EDGEQ_ASSEMBLY edgeq_bands_1_fast(const edgeq_bands *bands __attribute__((unused)))
{
    __asm__ volatile(EDGEQ_BANDS(EDGEQ_BANDS_STEP_1, EDGEQ_BANDS_FAST));
}

EDGEQ_ASSEMBLY edgeq_bands_1_signed(const edgeq_bands *bands __attribute__((unused)))
{
    __asm__ volatile(EDGEQ_BANDS(EDGEQ_BANDS_STEP_1, EDGEQ_BANDS_SIGNED));
}

EDGEQ_ASSEMBLY edgeq_bands_2_fast(const edgeq_bands *bands __attribute__((unused)))
{
    __asm__ volatile(EDGEQ_BANDS(EDGEQ_BANDS_STEP_2, EDGEQ_BANDS_FAST));
}

EDGEQ_ASSEMBLY edgeq_bands_2_signed(const edgeq_bands *bands __attribute__((unused)))
{
    __asm__ volatile(EDGEQ_BANDS(EDGEQ_BANDS_STEP_2, EDGEQ_BANDS_SIGNED));
}

#endif

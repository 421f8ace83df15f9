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
    const int8_t *filters;        /* of a four: int32 bias [4], weights [steps][4][16], int32 [multiplier, addend, shift][4] */
    int8_t *output;
    int32_t pitch;     /* bytes from the first pixel's outputs to the second's */
    const int8_t *end; /* of the filters less one; or where the last four's begin, which goes `back` first */
    int32_t rest;      /* edgeq_quads_rest(steps); read where there are more than four */
    int32_t step;      /* bytes to the inputs of the next two pixels */
    int32_t pairs;     /* of pixels */
    int32_t back;      /* how many channels the last four shares with the one before */
    int32_t next;      /* bytes from behind the first pixel's outputs to the next two pixels' */
} edgeq_quads;

/* Steps are taken two at a time: the pairs behind the one that is begun, times two, and 1 where only the second half of
 * that one is due. */
EDGEQ_INLINE int32_t edgeq_quads_rest(int32_t steps) { return steps & 1 ? steps : steps - 2; }

#define EDGEQ_QUADS_STEP(FIRST, SECOND)    \
    "vldrb.8 q0, " FIRST "\n\t"            \
    "vldrb.8 q2, [r11], #16\n\t"          \
    "vmladava.s8 r0, q0, q2\n\t"          \
    "vldrb.8 q1, " SECOND "\n\t"           \
    "vmladava.s8 r8, q1, q2\n\t"          \
    "vldrb.8 q3, [r11], #16\n\t"          \
    "vmladava.s8 r2, q0, q3\n\t"          \
    "vmladava.s8 r10, q1, q3\n\t"         \
    "vldrb.8 q2, [r11], #16\n\t"          \
    "vmladava.s8 r4, q0, q2\n\t"          \
    "vmladava.s8 r12, q1, q2\n\t"         \
    "vldrb.8 q3, [r11], #16\n\t"          \
    "vmladava.s8 r6, q0, q3\n\t"          \
    "vmladava.s8 lr, q1, q3\n\t"

/* One to four steps are written out. */
#define EDGEQ_QUADS_1 EDGEQ_QUADS_STEP("[r1]", "[r3]")
#define EDGEQ_QUADS_2 EDGEQ_QUADS_1 EDGEQ_QUADS_STEP("[r1, #16]", "[r3, #16]")
#define EDGEQ_QUADS_3 EDGEQ_QUADS_2 EDGEQ_QUADS_STEP("[r1, #32]", "[r3, #32]")
#define EDGEQ_QUADS_4 EDGEQ_QUADS_3 EDGEQ_QUADS_STEP("[r1, #48]", "[r3, #48]")
#define EDGEQ_QUADS_MORE                                  \
    "ldrd r1, r3, [r9]\n\t"                               \
    "ldr r7, [r9, #24]\n\t"                               \
    "asrs r7, r7, #1\n\t"                                 \
    "bcs 2f\n"                                            \
    "1:\n\t" EDGEQ_QUADS_STEP("[r1], #16", "[r3], #16")   \
    "2:\n\t" EDGEQ_QUADS_STEP("[r1], #16", "[r3], #16")   \
    "subs r7, r7, #1\n\t"                                 \
    "bge 1b\n\t"

#define EDGEQ_QUADS_FAST ""
#define EDGEQ_QUADS_SIGNED          \
    "vshr.s32 q3, q0, #31\n\t"     \
    "vadd.i32 q0, q0, q3\n\t"      \
    "vshr.s32 q3, q1, #31\n\t"     \
    "vadd.i32 q1, q1, q3\n\t"

/* Registers: r1, r3 inputs, r5 output, r7 rest, r9 the arguments, r11 filters, the even ones sums. */
#define EDGEQ_QUADS(STEPS, SIGN)             \
    "push {r4-r11, lr}\n\t"                 \
    "mov r9, r0\n\t"                        \
    "ldr r5, [r9, #12]\n"                   \
    "3:\n\t" /* two pixels */                \
    "ldr r11, [r9, #8]\n\t"                 \
    "ldrd r1, r3, [r9]\n"                   \
    "4:\n\t" /* four channels */             \
    "ldm r11, {r0, r2, r4, r6}\n\t"         \
    "ldm r11!, {r8, r10, r12, lr}\n\t"      \
    STEPS                                   \
    "vmov q0[2], q0[0], r0, r4\n\t"         \
    "vmov q0[3], q0[1], r2, r6\n\t"         \
    "vmov q1[2], q1[0], r8, r12\n\t"        \
    "vmov q1[3], q1[1], r10, lr\n\t"        \
    "vldrw.32 q3, [r11], #16\n\t"           \
    "vqrdmulh.s32 q0, q0, q3\n\t"           \
    "vqrdmulh.s32 q1, q1, q3\n\t"           \
    "vldrw.32 q2, [r11], #16\n\t"           \
    SIGN                                    \
    "vqadd.s32 q0, q0, q2\n\t"              \
    "vqadd.s32 q1, q1, q2\n\t"              \
    "vldrw.32 q3, [r11], #16\n\t"           \
    "vshl.s32 q0, q0, q3\n\t"               \
    "vshl.s32 q1, q1, q3\n\t"               \
    "vqmovnb.s32 q0, q0\n\t"                \
    "vqmovnt.s32 q0, q1\n\t"                \
    "vqmovnb.s16 q0, q0\n\t"                \
    "ldrd r0, r2, [r9, #16]\n\t"            \
    "add r0, r0, r5\n\t"                    \
    "vshr.u32 q1, q0, #16\n\t"              \
    "vstrb.32 q0, [r5], #4\n\t"             \
    "vstrb.32 q1, [r0]\n\t"                 \
    "cmp r11, r2\n\t"                       \
    "blo 4b\n\t"                            \
    "bhi 5f\n\t"                            \
    "ldr r0, [r9, #36]\n\t"                 \
    "sub r5, r5, r0\n\t"                    \
    "b 4b\n"                                \
    "5:\n\t"                                \
    "ldrd r0, r2, [r9]\n\t"                 \
    "ldrd r4, r6, [r9, #28]\n\t"            \
    "add r0, r0, r4\n\t"                    \
    "add r2, r2, r4\n\t"                    \
    "strd r0, r2, [r9]\n\t"                 \
    "ldr r4, [r9, #40]\n\t"                 \
    "add r5, r5, r4\n\t"                    \
    "subs r6, r6, #1\n\t"                   \
    "str r6, [r9, #32]\n\t"                 \
    "bne 3b\n\t"                            \
    "pop {r4-r11, pc}"

/* By how many steps there are, and the form. Each counts quads->first, second and pairs on. */
#define EDGEQ_QUADS_KERNEL(steps, form, STEPS, SIGN)                                                    \
    EDGEQ_ASSEMBLY edgeq_quads_##steps##_##form(edgeq_quads *quads __attribute__((unused)))             \
    {                                                                                                   \
        __asm__ volatile(EDGEQ_QUADS(STEPS, SIGN));                                                     \
    }
#define EDGEQ_QUADS_KERNELS(steps, STEPS)                              \
    EDGEQ_QUADS_KERNEL(steps, fast, STEPS, EDGEQ_QUADS_FAST)           \
    EDGEQ_QUADS_KERNEL(steps, signed, STEPS, EDGEQ_QUADS_SIGNED)

EDGEQ_QUADS_KERNELS(1, EDGEQ_QUADS_1)
EDGEQ_QUADS_KERNELS(2, EDGEQ_QUADS_2)
EDGEQ_QUADS_KERNELS(3, EDGEQ_QUADS_3)
EDGEQ_QUADS_KERNELS(4, EDGEQ_QUADS_4)
EDGEQ_QUADS_KERNELS(more, EDGEQ_QUADS_MORE)

typedef void (*edgeq_quads_kernel)(edgeq_quads *quads);

EDGEQ_INLINE edgeq_quads_kernel edgeq_quads_of(int32_t steps, edgeq_form form)
{
    if (form == EDGEQ_SIGNED) {
        static const edgeq_quads_kernel written[] = {edgeq_quads_1_signed, edgeq_quads_2_signed, edgeq_quads_3_signed,
                                                     edgeq_quads_4_signed};
        return steps <= 4 ? written[steps - 1] : edgeq_quads_more_signed;
    }
    static const edgeq_quads_kernel written[] = {edgeq_quads_1_fast, edgeq_quads_2_fast, edgeq_quads_3_fast,
                                                 edgeq_quads_4_fast};
    return steps <= 4 ? written[steps - 1] : edgeq_quads_more_fast;
}

#endif

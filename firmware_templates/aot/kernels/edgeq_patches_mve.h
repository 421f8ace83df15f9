/* Depthwise windows of 3x3 by patches of 4x4, for Helium.
 *
 * Four lines of the input lie byte by byte, [position][16 channels][4 lines]: a word is one position of one channel. One
 * gathered load fetches four positions, a patch of 4x4, and four products with the window's weights, moved by a line, a
 * position and both, are 2x2 outputs. With strides of 2 it is one output, and four patches go together. In assembly, because
 * compilers spill of the eight registers that it needs. For each channel and each patch, or four of them:
 *
 *     for (i = 0; i < 4; i++)
 *         output[offsets[i]] = requantized(sum of weights[x][y] * laid[STRIDE * position(i) + x][y + line(i)] over x, y < 3);
 */
#ifndef EDGEQ_PATCHES_MVE_H
#define EDGEQ_PATCHES_MVE_H

#include <stdint.h>

#include "edgeq_mve.h"

/* In the order of the assembly. */
typedef struct {
    const int8_t *from[4]; /* four lines' next 16 channels */
    int32_t step[4];       /* bytes from a line's position to its next one */
    int8_t *to;            /* [position][16][4] */
    int32_t positions;
    int32_t channels; /* of 16 */
} edgeq_lines;

typedef struct {
    const int8_t *laid; /* the first channel of the first patch */
    int8_t *output;
    const int8_t *filters; /* a channel: weights [3 positions][3 lines and a zero]; int32 bias, multiplier, addend, shift */
    int32_t channels;
    int32_t more;          /* times that patches go on behind the first ones */
    int32_t next, forth;   /* bytes from the first outputs' last patch, and output, to those before the second ones' */
    int32_t along;         /* bytes from outputs to the next ones, from the second ones on */
    int32_t back;          /* bytes from the last patch to the next channel's first one */
    int32_t offsets[4];    /* of the outputs */
} edgeq_patches;

/* Lays four lines byte by byte. */
EDGEQ_ASSEMBLY edgeq_lay_lines(const edgeq_lines *lines __attribute__((unused)))
{
    __asm__ volatile("push {r4-r11, lr}\n\t"
                     "ldrd r10, r11, [r0, #36]\n\t"
                     "vctp.8 r11\n\t"
                     "ldr r1, [r0, #32]\n\t"
                     "ldrd r6, r7, [r0, #16]\n\t"
                     "ldrd r8, r9, [r0, #24]\n\t"
                     "ldrd r4, r5, [r0, #8]\n\t"
                     "ldrd r2, r3, [r0]\n\t"
                     "dls lr, r10\n"
                     "1:\n\t"
                     "vpstttt\n\t"
                     "vldrbt.8 q0, [r2]\n\t"
                     "vldrbt.8 q1, [r3]\n\t"
                     "vldrbt.8 q2, [r4]\n\t"
                     "vldrbt.8 q3, [r5]\n\t"
                     "add r2, r2, r6\n\t"
                     "add r3, r3, r7\n\t"
                     "add r4, r4, r8\n\t"
                     "add r5, r5, r9\n\t"
                     "vst40.8 {q0, q1, q2, q3}, [r1]\n\t"
                     "vst41.8 {q0, q1, q2, q3}, [r1]\n\t"
                     "vst42.8 {q0, q1, q2, q3}, [r1]\n\t"
                     "vst43.8 {q0, q1, q2, q3}, [r1]!\n\t"
                     "le lr, 1b\n\t"
                     "pop {r4-r11, pc}");
}

#define EDGEQ_PATCH_FAST ""
#define EDGEQ_PATCH_SIGNED         \
    "vshr.s32 q4, q6, #31\n\t"    \
    "vadd.i32 q6, q6, q4\n\t"

/* Registers: r3 output, q0-q3 weights, r5 bias, r7 multiplier, r9 addend, r11 shift, q5 patch, q7 offsets. */
#define EDGEQ_PATCH_STORE(SIGN)              \
    "vmov q6[2], q6[0], r4, r8\n\t"         \
    "vmov q6[3], q6[1], r6, r10\n\t"        \
    "vadd.i32 q6, q6, r5\n\t"               \
    "vqrdmulh.s32 q6, q6, r7\n\t"           \
    SIGN                                    \
    "vqadd.s32 q6, q6, r9\n\t"              \
    "vshl.s32 q6, r11\n\t"                  \
    "vqmovnb.s32 q6, q6\n\t"                \
    "vqmovnb.s16 q6, q6\n\t"                \
    "vstrb.32 q6, [r3, q7]\n\t"

#define EDGEQ_PATCH_1(AT, SIGN)              \
    "vldrw.u32 q4, " AT "\n\t"              \
    "vmladav.s8 r4, q4, q0\n\t"             \
    "vmladav.s8 r6, q4, q1\n\t"             \
    "vmladav.s8 r8, q4, q2\n\t"             \
    "vmladav.s8 r10, q4, q3\n\t"            \
    EDGEQ_PATCH_STORE(SIGN)

#define EDGEQ_PATCH_2(AT, SIGN)              \
    "vldrw.u32 q4, " AT "\n\t"              \
    "vmladav.s8 r4, q4, q0\n\t"             \
    "vldrw.u32 q1, [q5, #128]!\n\t"         \
    "vmladav.s8 r6, q1, q0\n\t"             \
    "vldrw.u32 q2, [q5, #128]!\n\t"         \
    "vmladav.s8 r8, q2, q0\n\t"             \
    "vldrw.u32 q3, [q5, #128]!\n\t"         \
    "vmladav.s8 r10, q3, q0\n\t"            \
    EDGEQ_PATCH_STORE(SIGN)

/* The weights moved by a line, by a position, and by both. */
#define EDGEQ_PATCH_MOVED                    \
    "mov r4, #0\n\t"                        \
    "vshl.i32 q1, q0, #8\n\t"               \
    "vmov q2, q0\n\t"                       \
    "vshlc q2, r4, #32\n\t"                 \
    "vshl.i32 q3, q2, #8\n\t"

#define EDGEQ_PATCHES(PATCH, MOVED, SIGN)    \
    "push {r4-r11, lr}\n\t"                 \
    "vpush {d8-d15}\n\t"                    \
    "ldrd r2, r3, [r0]\n\t"                 \
    "ldr r1, [r0, #8]\n\t"                  \
    "mov r4, #12\n\t"                       \
    "vctp.8 r4\n\t"                         \
    "mov r4, #0\n\t"                        \
    "vidup.u32 q5, r4, #8\n\t"              \
    "vshl.i32 q5, q5, #3\n\t"               \
    "vadd.i32 q5, q5, r2\n\t"               \
    "add r4, r0, #36\n\t"                   \
    "vldrw.32 q7, [r4]\n\t"                 \
    "ldrd r12, r2, [r0, #28]\n"             \
    "1:\n\t" /* a channel */                \
    "vpst\n\t"                              \
    "vldrbt.8 q0, [r1]\n\t"                 \
    "add r1, r1, #12\n\t"                   \
    "ldm r1!, {r5, r7, r9, r11}\n\t"        \
    MOVED                                   \
    PATCH("[q5]", SIGN)                      \
    "ldrd r4, r6, [r0, #20]\n\t"            \
    "ldr r8, [r0, #16]\n\t"                 \
    "vadd.i32 q5, q5, r4\n\t"               \
    "add r3, r3, r6\n\t"                    \
    "wls lr, r8, 3f\n"                      \
    "2:\n\t" PATCH("[q5, #128]!", SIGN)     \
    "add r3, r3, r12\n\t"                   \
    "le lr, 2b\n"                           \
    "3:\n\t"                                \
    "ldr r3, [r0, #4]\n\t"                  \
    "ldr r4, [r0, #12]\n\t"                 \
    "vadd.i32 q5, q5, r2\n\t"               \
    "add r3, r3, #1\n\t"                    \
    "str r3, [r0, #4]\n\t"                  \
    "subs r4, r4, #1\n\t"                   \
    "str r4, [r0, #12]\n\t"                 \
    "bne 1b\n\t"                            \
    "vpop {d8-d15}\n\t"                     \
    "pop {r4-r11, pc}"

/* All of up to 16 channels along two lines of outputs, or one with strides of 2; patches->output and channels are counted
 * on. */
EDGEQ_ASSEMBLY edgeq_patches_1_fast(edgeq_patches *patches __attribute__((unused)))
{
    __asm__ volatile(EDGEQ_PATCHES(EDGEQ_PATCH_1, EDGEQ_PATCH_MOVED, EDGEQ_PATCH_FAST));
}

EDGEQ_ASSEMBLY edgeq_patches_1_signed(edgeq_patches *patches __attribute__((unused)))
{
    __asm__ volatile(EDGEQ_PATCHES(EDGEQ_PATCH_1, EDGEQ_PATCH_MOVED, EDGEQ_PATCH_SIGNED));
}

EDGEQ_ASSEMBLY edgeq_patches_2_fast(edgeq_patches *patches __attribute__((unused)))
{
    __asm__ volatile(EDGEQ_PATCHES(EDGEQ_PATCH_2, "", EDGEQ_PATCH_FAST));
}

EDGEQ_ASSEMBLY edgeq_patches_2_signed(edgeq_patches *patches __attribute__((unused)))
{
    __asm__ volatile(EDGEQ_PATCHES(EDGEQ_PATCH_2, "", EDGEQ_PATCH_SIGNED));
}

#endif

/* Depthwise 3x3 sums of a plane of words, and their bytes, for cores without 32-bit Thumb instructions and long products.
 *
 * They are in assembly because compilers keep neither four sums nor six inputs in registers.
 */
#ifndef EDGEQ_PLANE_V6M_H
#define EDGEQ_PLANE_V6M_H

#include <stdint.h>

#include "edgeq_arith.h"
#include "edgeq_plane.h"
#include "edgeq_v6m.h"

#if defined(__ARM_ARCH_ISA_THUMB) && __ARM_ARCH_ISA_THUMB == 1

#define EDGEQ_PLANE_WEIGHT(place) "ldr r6, [sp, #" place "]\n\t"
/* A word times the weight, where the word is needed once more, or not. */
#define EDGEQ_PLANE_COPY(word) "mov r7, " word "\n\tmuls r7, r6, r7\n\t"
#define EDGEQ_PLANE_LAST(word) "muls " word ", r6, " word "\n\t"
#define EDGEQ_PLANE_SET(sum, word) "mov " sum ", " word "\n\t"
#define EDGEQ_PLANE_ADD(sum, word) "add " sum ", " sum ", " word "\n\t"
#define EDGEQ_PLANE_END(sum, word) "add " word ", " word ", " sum "\n\t"

/* Three rows' middle, for both strides: the products of r0-r3. */
#define EDGEQ_PLANE_FOUR(TO)                                                                                       \
    EDGEQ_PLANE_LAST("r0") TO("r8", "r0") EDGEQ_PLANE_LAST("r1") TO("r9", "r1")                                   \
    EDGEQ_PLANE_LAST("r2") TO("r10", "r2") EDGEQ_PLANE_LAST("r3") TO("r11", "r3")

/* Stride 1: a row of the kernel over r0-r5, with the weights from a place of the stack on. */
#define EDGEQ_PLANE_ROW_1(first, second, third, TO, END)                                                           \
    "ldm r0, {r0-r5}\n\t"                                                                                         \
    EDGEQ_PLANE_WEIGHT(first)                                                                                      \
    EDGEQ_PLANE_LAST("r0") TO("r8", "r0") EDGEQ_PLANE_COPY("r1") TO("r9", "r7")                                   \
    EDGEQ_PLANE_COPY("r2") TO("r10", "r7") EDGEQ_PLANE_COPY("r3") TO("r11", "r7")                                 \
    EDGEQ_PLANE_WEIGHT(second)                                                                                     \
    EDGEQ_PLANE_LAST("r1") EDGEQ_PLANE_ADD("r8", "r1") EDGEQ_PLANE_COPY("r2") EDGEQ_PLANE_ADD("r9", "r7")         \
    EDGEQ_PLANE_COPY("r3") EDGEQ_PLANE_ADD("r10", "r7") EDGEQ_PLANE_COPY("r4") EDGEQ_PLANE_ADD("r11", "r7")       \
    EDGEQ_PLANE_WEIGHT(third)                                                                                      \
    EDGEQ_PLANE_LAST("r2") END("r8", "r2") EDGEQ_PLANE_LAST("r3") END("r9", "r3")                                 \
    EDGEQ_PLANE_LAST("r4") END("r10", "r4") EDGEQ_PLANE_LAST("r5") END("r11", "r5")

/* Stride 2: even columns r0-r4, then odd ones r0-r3. */
#define EDGEQ_PLANE_EVEN(first, third, TO)                                                                         \
    "ldm r0, {r0-r4}\n\t"                                                                                         \
    EDGEQ_PLANE_WEIGHT(first)                                                                                      \
    EDGEQ_PLANE_LAST("r0") TO("r8", "r0") EDGEQ_PLANE_COPY("r1") TO("r9", "r7")                                   \
    EDGEQ_PLANE_COPY("r2") TO("r10", "r7") EDGEQ_PLANE_COPY("r3") TO("r11", "r7")                                 \
    EDGEQ_PLANE_WEIGHT(third)                                                                                      \
    EDGEQ_PLANE_LAST("r1") EDGEQ_PLANE_ADD("r8", "r1") EDGEQ_PLANE_LAST("r2") EDGEQ_PLANE_ADD("r9", "r2")         \
    EDGEQ_PLANE_LAST("r3") EDGEQ_PLANE_ADD("r10", "r3") EDGEQ_PLANE_LAST("r4") EDGEQ_PLANE_ADD("r11", "r4")
#define EDGEQ_PLANE_ODD(second, END) "ldm r0, {r0-r3}\n\t" EDGEQ_PLANE_WEIGHT(second) EDGEQ_PLANE_FOUR(END)

/* The parameters to the stack: 0 nine weights, 36 end, 40 bytes of a row; r12 words, lr bytes of a row or of a plane. */
#define EDGEQ_PLANE_BEGIN                                                                                          \
    EDGEQ_ENTER                                                                                                    \
    "sub sp, #44\n\t"                                                                                             \
    "ldm r0!, {r1-r5}\n\t"                                                                                        \
    "mov r12, r1\n\t"                                                                                             \
    "str r2, [sp, #36]\n\t"                                                                                       \
    "str r4, [sp, #40]\n\t"                                                                                       \
    "mov lr, r5\n\t"                                                                                              \
    "mov r6, sp\n\t"                                                                                              \
    "movs r7, #0\n"                                                                                               \
    "1:\n\t"                                                                                                      \
    "ldrsb r4, [r3, r7]\n\t"                                                                                      \
    "stm r6!, {r4}\n\t"                                                                                           \
    "adds r7, #1\n\t"                                                                                             \
    "cmp r7, #9\n\t"                                                                                              \
    "bne 1b\n\t"
#define EDGEQ_PLANE_FINISH                                                                                         \
    "mov r12, r0\n\t"                                                                                             \
    "ldr r1, [sp, #36]\n\t"                                                                                       \
    "cmp r0, r1\n\t"                                                                                              \
    "beq 3f\n\t"                                                                                                  \
    "b 2b\n"                                                                                                      \
    "3:\n\t"                                                                                                      \
    "add sp, #44\n\t" EDGEQ_LEAVE

EDGEQ_ASSEMBLY edgeq_plane_sums_1(const edgeq_plane *p __attribute__((unused)))
{
    __asm__ volatile(
        EDGEQ_PLANE_BEGIN
        "2:\n\t"
        "mov r0, r12\n\t"
        EDGEQ_PLANE_ROW_1("0", "4", "8", EDGEQ_PLANE_SET, EDGEQ_PLANE_ADD)
        "mov r0, r12\n\t"
        "add r0, r0, lr\n\t"
        EDGEQ_PLANE_ROW_1("12", "16", "20", EDGEQ_PLANE_ADD, EDGEQ_PLANE_ADD)
        "mov r0, r12\n\t"
        "add r0, r0, lr\n\t"
        "add r0, r0, lr\n\t"
        EDGEQ_PLANE_ROW_1("24", "28", "32", EDGEQ_PLANE_ADD, EDGEQ_PLANE_END)
        "mov r0, r12\n\t"
        "stm r0!, {r2-r5}\n\t"
        EDGEQ_PLANE_FINISH);
}

EDGEQ_ASSEMBLY edgeq_plane_sums_2(const edgeq_plane *p __attribute__((unused)))
{
    __asm__ volatile(
        EDGEQ_PLANE_BEGIN
        "2:\n\t"
        "mov r0, r12\n\t"
        EDGEQ_PLANE_EVEN("0", "8", EDGEQ_PLANE_SET)
        "mov r0, r12\n\t"
        "add r0, r0, lr\n\t"
        EDGEQ_PLANE_ODD("4", EDGEQ_PLANE_ADD)
        "mov r0, r12\n\t"
        "add r0, r0, lr\n\t"
        "add r0, r0, lr\n\t"
        EDGEQ_PLANE_EVEN("12", "20", EDGEQ_PLANE_ADD)
        "mov r0, r12\n\t"
        "add r0, r0, lr\n\t"
        "add r0, r0, lr\n\t"
        "add r0, r0, lr\n\t"
        EDGEQ_PLANE_ODD("16", EDGEQ_PLANE_ADD)
        "mov r0, r12\n\t"
        "ldr r1, [sp, #40]\n\t"
        "adds r0, r0, r1\n\t"
        EDGEQ_PLANE_EVEN("24", "32", EDGEQ_PLANE_ADD)
        "mov r0, r12\n\t"
        "ldr r1, [sp, #40]\n\t"
        "adds r0, r0, r1\n\t"
        "add r0, r0, lr\n\t"
        EDGEQ_PLANE_ODD("28", EDGEQ_PLANE_END)
        "mov r4, r12\n\t"
        "stm r4!, {r0-r3}\n\t"
        "mov r0, r4\n\t"
        EDGEQ_PLANE_FINISH);
}

/* Stack: 0 rows left, 4 bytes from row to row of the output, 8 bytes of a row's words, 12 to the next row's, 16 a row's
 * output. Registers: r0 output, r3 words, r11 end of a row's words, lr bytes from column to column. */
EDGEQ_ASSEMBLY edgeq_plane_bytes(const edgeq_plane_outputs *p __attribute__((unused)))
{
    __asm__ volatile(
        EDGEQ_ENTER
        "sub sp, #20\n\t"
        "ldm r0!, {r1-r7}\n\t" /* words, row, output, row's bytes, rows, row step, column step */
        "mov r11, r1\n\t"
        "ldr r1, [r0]\n\t"
        "str r1, [sp, #12]\n\t"
        "mov lr, r7\n\t"
        "str r5, [sp]\n\t"
        "str r6, [sp, #4]\n\t"
        "str r4, [sp, #8]\n\t"
        "str r3, [sp, #16]\n\t"
        "mov r7, r2\n\t"
        EDGEQ_ROW_FAST
        EDGEQ_PARTS_FAST("")
        "mov r3, r11\n\t"
        "ldr r0, [sp, #16]\n"
        "1:\n\t" /* a row */
        "str r0, [sp, #16]\n\t"
        "ldr r4, [sp, #8]\n\t"
        "adds r4, r4, r3\n\t"
        "mov r11, r4\n"
        "2:\n\t"
        "ldm r3!, {r4}\n\t"
        EDGEQ_BYTE_FAST("")
        "strb r4, [r0]\n\t"
        "add r0, r0, lr\n\t"
        "cmp r3, r11\n\t"
        "bne 2b\n\t"
        "ldr r4, [sp, #12]\n\t"
        "adds r3, r3, r4\n\t"
        "ldr r0, [sp, #16]\n\t"
        "ldr r4, [sp, #4]\n\t"
        "adds r0, r0, r4\n\t"
        "ldr r4, [sp]\n\t"
        "subs r4, #1\n\t"
        "str r4, [sp]\n\t"
        "bne 1b\n\t"
        "add sp, #20\n\t"
        EDGEQ_LEAVE);
}

#define EDGEQ_PLANE_BYTE(word)                                                                                     \
    "ldrsb " word ", [r0, r1]\n\t"                                                                                \
    "adds r0, r0, r1\n\t"
/* r2 bytes of the zero point by four words at least: what that is too much is written over, or lies behind the plane. */
#define EDGEQ_PLANE_PAD(label)                                                                                     \
    "adds r2, r2, r3\n\t"                                                                                         \
    "mov r4, r12\n\t"                                                                                             \
    "mov r5, r12\n\t"                                                                                             \
    "mov r6, r12\n\t"                                                                                             \
    "mov r7, r12\n" label ":\n\t"                                                                                 \
    "stm r3!, {r4-r7}\n\t"                                                                                        \
    "cmp r3, r2\n\t"                                                                                              \
    "blo " label "b\n\t"                                                                                          \
    "mov r3, r2\n\t"

/* Registers: r0 bytes (less r1), r1 from byte to byte, r3 words, r8 bytes of words below, r9 of a row more than four,
 * r10 bytes of words between rows, r11 gap, r12 zero point, lr rows left. */
EDGEQ_ASSEMBLY edgeq_plane_fill(const edgeq_plane_source *p __attribute__((unused)),
                                int32_t *words __attribute__((unused)))
{
    __asm__ volatile(
        EDGEQ_ENTER
        "mov r3, r1\n\t"
        "ldm r0!, {r4-r7}\n\t"
        "mov r10, r4\n\t"
        "mov r9, r5\n\t"
        "mov r11, r6\n\t"
        "mov r12, r7\n\t"
        "ldm r0!, {r1, r2, r4, r5, r6}\n\t"
        "mov lr, r4\n\t"
        "mov r8, r5\n\t"
        "subs r0, r6, r1\n\t" EDGEQ_PLANE_PAD("1")
        "mov r4, lr\n\t"
        "cmp r4, #0\n\t"
        "beq 8f\n"
        "2:\n\t" /* a row */
        "mov r2, r9\n\t"
        "cmp r2, #0\n\t"
        "blt 4f\n"
        "3:\n\t"
        EDGEQ_PLANE_BYTE("r4") EDGEQ_PLANE_BYTE("r5") EDGEQ_PLANE_BYTE("r6") EDGEQ_PLANE_BYTE("r7")
        "stm r3!, {r4-r7}\n\t"
        "subs r2, #4\n\t"
        "bpl 3b\n"
        "4:\n\t"
        "adds r2, #4\n\t"
        "beq 6f\n"
        "5:\n\t"
        EDGEQ_PLANE_BYTE("r4")
        "stm r3!, {r4}\n\t"
        "subs r2, #1\n\t"
        "bne 5b\n"
        "6:\n\t"
        "mov r2, lr\n\t"
        "subs r2, #1\n\t"
        "beq 8f\n\t"
        "mov lr, r2\n\t"
        "add r0, r0, r11\n\t"
        "mov r2, r10\n\t"
        "adds r2, r2, r3\n\t"
        "mov r4, r12\n"
        "7:\n\t"
        "stm r3!, {r4}\n\t"
        "cmp r3, r2\n\t"
        "blo 7b\n\t"
        "mov r3, r2\n\t"
        "b 2b\n"
        "8:\n\t"
        "mov r2, r8\n\t" EDGEQ_PLANE_PAD("9") EDGEQ_LEAVE);
}

#else /* on another machine: what it computes, in C */
#include "edgeq_plane_v6m_emulated.h"
#endif

#endif

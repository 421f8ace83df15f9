/* Sixteen sums of one channel to 4x4 bytes, for cores without 32-bit Thumb instructions and long products.
 *
 * It is assembly because compilers do not keep the eight numbers of a row of the table in registers.
 */
#ifndef EDGEQ_SIXTEEN_V6M_H
#define EDGEQ_SIXTEEN_V6M_H

#include <stdint.h>

#include "edgeq_arith.h"
#include "edgeq_sixteen.h"
#include "edgeq_v6m.h"

#if defined(__ARM_ARCH_ISA_THUMB) && __ARM_ARCH_ISA_THUMB == 1

#define EDGEQ_SIXTEEN_OUTPUT(place, BYTE)                                                                          \
    "ldr r4, [sp, #" place "]\n\t" BYTE("64")                                                                     \
    "strb r4, [r0]\n\t"                                                                                           \
    "add r0, r0, lr\n\t"
#define EDGEQ_SIXTEEN_FOUR(first, second, third, fourth, BYTE)                                                     \
    EDGEQ_SIXTEEN_OUTPUT(first, BYTE) EDGEQ_SIXTEEN_OUTPUT(second, BYTE) EDGEQ_SIXTEEN_OUTPUT(third, BYTE)         \
    EDGEQ_SIXTEEN_OUTPUT(fourth, BYTE)                                                                             \
    "ldr r4, [sp, #68]\n\t"                                                                                       \
    "adds r0, r0, r4\n\t"

/* Stack: 0 sums, 64 a shift, 68 gap, 72 output. Registers: r0 output, lr bytes from pixel to pixel. */
#define EDGEQ_SIXTEEN(ROW, PARTS, BYTE)                                                                            \
    EDGEQ_ENTER                                                                                                    \
    "sub sp, #76\n\t"                                                                                             \
    "ldm r0!, {r1-r5}\n\t"                                                                                        \
    "mov lr, r4\n\t"                                                                                              \
    "str r5, [sp, #68]\n\t"                                                                                       \
    "str r3, [sp, #72]\n\t"                                                                                       \
    "mov r0, sp\n\t"                                                                                              \
    ".rept 4\n\t"                                                                                                 \
    "ldm r1!, {r4-r7}\n\t"                                                                                        \
    "stm r0!, {r4-r7}\n\t"                                                                                        \
    ".endr\n\t"                                                                                                   \
    "mov r7, r2\n\t" ROW PARTS("64")                                                                              \
    "ldr r0, [sp, #72]\n\t"                                                                                       \
    EDGEQ_SIXTEEN_FOUR("0", "4", "8", "12", BYTE) EDGEQ_SIXTEEN_FOUR("16", "20", "24", "28", BYTE)                \
    EDGEQ_SIXTEEN_FOUR("32", "36", "40", "44", BYTE) EDGEQ_SIXTEEN_FOUR("48", "52", "56", "60", BYTE)             \
    "add sp, #76\n\t" EDGEQ_LEAVE

EDGEQ_ASSEMBLY edgeq_sixteen_fast(const edgeq_sixteen *p __attribute__((unused)))
{
    __asm__ volatile(EDGEQ_SIXTEEN(EDGEQ_ROW_FAST, EDGEQ_PARTS_FAST, EDGEQ_BYTE_FAST));
}

EDGEQ_ASSEMBLY edgeq_sixteen_signed(const edgeq_sixteen *p __attribute__((unused)))
{
    __asm__ volatile(EDGEQ_SIXTEEN(EDGEQ_ROW_SIGNED, EDGEQ_PARTS_SIGNED, EDGEQ_BYTE_SIGNED));
}

EDGEQ_INLINE void edgeq_sixteen_of(const edgeq_sixteen *p, edgeq_form form)
{
    if (form == EDGEQ_SIGNED) {
        edgeq_sixteen_signed(p);
    } else {
        edgeq_sixteen_fast(p);
    }
}

#else /* on another machine: what it computes, in C */
#include "edgeq_sixteen_v6m_emulated.h"
#endif

#endif

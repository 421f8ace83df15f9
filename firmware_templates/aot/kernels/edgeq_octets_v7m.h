/* The loop over eights of output channels, for Armv7-M: 8 products in 8 instructions.
 *
 * It is assembly for the reason that edgeq_segments_v7m.h is.
 */
#ifndef EDGEQ_OCTETS_V7M_H
#define EDGEQ_OCTETS_V7M_H

#include "edgeq_arith.h"
#include "edgeq_octets.h"
#include "edgeq_requantize_v7m.h"
#include "edgeq_sums_v7m.h"

#if defined(__ARM_ARCH_ISA_THUMB) && __ARM_ARCH_ISA_THUMB == 2

/* One input of 8 channels: 32 bytes. */
#define EDGEQ_OCTET_STEP                     \
    "ldrsb r7, [r10], #1\n\t"               \
    "ldmia.w r9!, {r4, r5}\n\t"             \
    "mla r0, r4, r7, r0\n\t"                \
    "and r4, r8, r4, lsr #8\n\t"            \
    "mla r1, r4, r7, r1\n\t"                \
    "mla r2, r5, r7, r2\n\t"                \
    "and r5, r8, r5, lsr #8\n\t"            \
    "mla r3, r5, r7, r3\n\t"

#define EDGEQ_OCTET_ENTRY(left_out) ".hword (3f - 2b) / 2 + 16 * " #left_out "\n\t"

#define EDGEQ_OCTET_OUTPUT(x, place, ENTRY, REQUANTIZE)  \
    "ldr r9, [sp, #20]\n\t"                      \
    "ldr lr, [sp, #28]\n\t"                      \
    ENTRY("r9")                                  \
    "add r9, r9, lr\n\t"                         \
    "str r9, [sp, #20]\n\t"                      \
    REQUANTIZE(x)                                \
    "ldr r9, [sp, #24]\n\t"                      \
    "strb " x ", [r9, #" #place "]\n\t"

/* Stack: the fields of edgeq_octets, then 40 the total at the segment's start. */
#define EDGEQ_OCTETS(ENTRY, REQUANTIZE)                                                                          \
    "push {r4-r11, lr}\n\t"                                                                                      \
    "sub sp, #44\n\t"                                                                                            \
    "ldmia r0!, {r1, r2, r3, r4, r5, r6, r7, r8}\n\t"                                                            \
    "ldmia r0, {r9, r10}\n\t"                                                                                    \
    "stmia sp, {r1, r2, r3, r4, r5, r6, r7, r8, r9, r10}\n\t"                                                    \
    "mov r9, r4\n"                                                                                               \
    "1:\n\t" /* eight channels */                                                                                \
    "ldr r10, [sp]\n\t"                                                                                          \
    "ldrd lr, r11, [sp, #4]\n\t"                                                                                 \
    "mov r8, #0x00ff00ff\n\t"                                                                                    \
    "mov r5, #0x8000\n\t"                                                                                        \
    "b 5f\n"                                                                                                     \
    "4:\n\t" /* a segment: its sums begin with what they would be if weights had not 128 more */                 \
    "ldr r5, [sp, #40]\n"                                                                                        \
    "5:\n\t"                                                                                                     \
    "ldr r12, [r9], #4\n\t"                                                                                      \
    "lsr r4, r12, #16\n\t"                                                                                       \
    "ldr r4, [r11, r4, lsl #2]\n\t"                                                                              \
    "add r1, r4, r5\n\t"                                                                                         \
    "rsb r5, r4, #0x8000\n\t"                                                                                    \
    "str r5, [sp, #40]\n\t"                                                                                      \
    "mov r3, r1\n\t"                                                                                             \
    "add r0, r1, r1, lsl #8\n\t"                                                                                 \
    "mov r2, r0\n\t"                                                                                             \
    "uxtb r6, r12\n\t"                                                                                           \
    "ubfx r12, r12, #8, #8\n\t"                                                                                  \
    "tbh [pc, r6, lsl #1]\n"                                                                                     \
    "2:\n\t"                                                                                                     \
    EDGEQ_OCTET_ENTRY(0) EDGEQ_OCTET_ENTRY(1) EDGEQ_OCTET_ENTRY(2) EDGEQ_OCTET_ENTRY(3)                          \
    EDGEQ_OCTET_ENTRY(4) EDGEQ_OCTET_ENTRY(5) EDGEQ_OCTET_ENTRY(6) EDGEQ_OCTET_ENTRY(7)                          \
    EDGEQ_OCTET_ENTRY(8) EDGEQ_OCTET_ENTRY(9) EDGEQ_OCTET_ENTRY(10) EDGEQ_OCTET_ENTRY(11)                        \
    EDGEQ_OCTET_ENTRY(12) EDGEQ_OCTET_ENTRY(13) EDGEQ_OCTET_ENTRY(14) EDGEQ_OCTET_ENTRY(15)                      \
    "3:\n\t"                                                                                                     \
    ".rept 16\n\t" EDGEQ_OCTET_STEP ".endr\n\t"                                                                  \
    "subs r12, #1\n\t"                                                                                           \
    "bne 3b\n\t"                                                                                                 \
    "sub r0, r0, r1, lsl #8\n\t"                                                                                 \
    "sub r2, r2, r3, lsl #8\n\t"                                                                                 \
    "stmia lr!, {r0, r1, r2, r3}\n\t"                                                                            \
    "ldr r12, [sp, #32]\n\t"                                                                                     \
    "cmp r10, r12\n\t"                                                                                           \
    "bne 4b\n\t"                                                                                                 \
    "str r9, [sp, #12]\n\t"                                                                                      \
    "ldr r9, [sp, #4]\n\t"                                                                                       \
    "asr r4, r0, #16\n\t"                                                                                        \
    "asr r5, r1, #16\n\t"                                                                                        \
    "asr r6, r2, #16\n\t"                                                                                        \
    "asr r7, r3, #16\n\t"                                                                                        \
    "sub lr, #16\n\t"                                                                                            \
    "cmp lr, r9\n\t"                                                                                             \
    "beq 7f\n"                                                                                                   \
    "6:\n\t"                                                                                                     \
    EDGEQ_ADD_SUMS                                                                                               \
    "cmp lr, r9\n\t"                                                                                             \
    "bne 6b\n"                                                                                                   \
    "7:\n\t"                                                                                                     \
    "ldr r9, [sp, #16]\n\t"                                                                                      \
    "sub r0, r0, r4, lsl #16\n\t"                                                                                \
    "sub r1, r1, r5, lsl #16\n\t"                                                                                \
    "sub r2, r2, r6, lsl #16\n\t"                                                                                \
    "sub r3, r3, r7, lsl #16\n\t"                                                                                \
    "ldmia r9!, {r8, r10, r11, r12}\n\t"                                                                         \
    "add r0, r8, r0, lsl #8\n\t"                                                                                 \
    "add r1, r10, r1, lsl #8\n\t"                                                                                \
    "add r4, r11, r4, lsl #8\n\t"                                                                                \
    "add r5, r12, r5, lsl #8\n\t"                                                                                \
    "ldmia r9!, {r8, r10, r11, r12}\n\t"                                                                         \
    "add r2, r8, r2, lsl #8\n\t"                                                                                 \
    "add r3, r10, r3, lsl #8\n\t"                                                                                \
    "add r6, r11, r6, lsl #8\n\t"                                                                                \
    "add r7, r12, r7, lsl #8\n\t"                                                                                \
    "str r9, [sp, #16]\n\t"                                                                                      \
    EDGEQ_OCTET_OUTPUT("r0", 0, ENTRY, REQUANTIZE) EDGEQ_OCTET_OUTPUT("r1", 1, ENTRY, REQUANTIZE)                              \
    EDGEQ_OCTET_OUTPUT("r4", 2, ENTRY, REQUANTIZE) EDGEQ_OCTET_OUTPUT("r5", 3, ENTRY, REQUANTIZE)                              \
    EDGEQ_OCTET_OUTPUT("r2", 4, ENTRY, REQUANTIZE) EDGEQ_OCTET_OUTPUT("r3", 5, ENTRY, REQUANTIZE)                              \
    EDGEQ_OCTET_OUTPUT("r6", 6, ENTRY, REQUANTIZE) EDGEQ_OCTET_OUTPUT("r7", 7, ENTRY, REQUANTIZE)                              \
    "add r9, #8\n\t"                                                                                             \
    "str r9, [sp, #24]\n\t"                                                                                      \
    "ldr r8, [sp, #36]\n\t"                                                                                      \
    "cmp r9, r8\n\t"                                                                                             \
    "ldr r9, [sp, #12]\n\t"                                                                                      \
    "bne 1b\n\t"                                                                                                 \
    "add sp, #44\n\t"                                                                                            \
    "pop {r4-r11, pc}\n\t"

EDGEQ_ASSEMBLY edgeq_octets_fast(const edgeq_octets *all __attribute__((unused)))
{
    __asm__ volatile(EDGEQ_OCTETS(EDGEQ_ENTRY_FAST, EDGEQ_REQUANTIZE_FAST));
}

EDGEQ_ASSEMBLY edgeq_octets_signed(const edgeq_octets *all __attribute__((unused)))
{
    __asm__ volatile(EDGEQ_OCTETS(EDGEQ_ENTRY_SIGNED, EDGEQ_REQUANTIZE_SIGNED));
}

EDGEQ_INLINE void edgeq_octets_run(const edgeq_octets *all, edgeq_form form)
{
    if (form == EDGEQ_SIGNED) {
        edgeq_octets_signed(all);
    } else {
        edgeq_octets_fast(all);
    }
}

#else /* on another machine: what it computes, in C */
#include "edgeq_octets_v7m_emulated.h"
#endif

#endif

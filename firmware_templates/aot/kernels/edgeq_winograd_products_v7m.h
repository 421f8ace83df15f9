/* The products of Winograd's transformed inputs and filters, for Armv7-M: 8 products in 14 instructions.
 *
 * It is assembly because 8 sums leave compilers too few registers.
 */
#ifndef EDGEQ_WINOGRAD_PRODUCTS_V7M_H
#define EDGEQ_WINOGRAD_PRODUCTS_V7M_H

#include <stdint.h>

#include "edgeq_arith.h"
#include "edgeq_requantize_v7m.h"
#include "edgeq_winograd_tiles.h"

#if defined(__ARM_ARCH_ISA_THUMB) && __ARM_ARCH_ISA_THUMB == 2

#define EDGEQ_WINOGRAD_NEW(sum, filter) "mul " sum ", r10, " filter "\n\t"
#define EDGEQ_WINOGRAD_MORE(sum, filter) "mla " sum ", r10, " filter ", " sum "\n\t"
#define EDGEQ_WINOGRAD_TILE(first, second, at, DO) "ldrsh r10, [lr, #" at "]\n\t" DO(first, "r8") DO(second, "r9")
/* One input x 4 tiles x 2 channels; at: bytes to its halfwords of inputs and filters. */
#define EDGEQ_WINOGRAD_INPUT(at, of, DO)                                                             \
    "ldrsh r8, [r12, #" of "]\n\t"                                                                  \
    "ldrsh r9, [r12, #" of " + 4]\n\t"                                                              \
    EDGEQ_WINOGRAD_TILE("r0", "r4", at, DO) EDGEQ_WINOGRAD_TILE("r1", "r5", at " + 4", DO)            \
    EDGEQ_WINOGRAD_TILE("r2", "r6", at " + 8", DO) EDGEQ_WINOGRAD_TILE("r3", "r7", at " + 12", DO)
/* Four inputs: two pairs. */
#define EDGEQ_WINOGRAD_FOUR(at, of, DO)                                                              \
    EDGEQ_WINOGRAD_INPUT(at, of, DO)                                                                 \
    EDGEQ_WINOGRAD_INPUT(at " + 2", of " + 2", EDGEQ_WINOGRAD_MORE)                                  \
    EDGEQ_WINOGRAD_INPUT(at " + 576", of " + 288", EDGEQ_WINOGRAD_MORE)                              \
    EDGEQ_WINOGRAD_INPUT(at " + 578", of " + 290", EDGEQ_WINOGRAD_MORE)

/* inputs: [channels / 2][position][tile] pairs, filters: [channels / 2][position][output channel], sums: [position]
 * [output channel][tile]; channels a multiple of 4. The first four inputs begin the sums; what is left goes through a loop of
 * eight, of which four are skipped where that is no multiple of eight.
 * Stack: 0 sums, 4 their end, 8 a position's inputs, 12 its filters, 16 bytes of all inputs, 20 whether four are skipped. */
EDGEQ_ASSEMBLY edgeq_winograd_products(const uint32_t *inputs __attribute__((unused)),
                                       const uint32_t *filters __attribute__((unused)),
                                       uint32_t *sums __attribute__((unused)),
                                       int32_t channels __attribute__((unused)))
{
    __asm__ volatile(
        "push {r4-r11, lr}\n\t"
        "sub sp, #28\n\t"
        "add r4, r2, #1152\n\t"
        "strd r2, r4, [sp]\n\t"
        "strd r0, r1, [sp, #8]\n\t"
        "mov r4, #288\n\t"
        "mul r4, r3, r4\n\t"
        "tst r3, #4\n\t"
        "ite ne\n\t"
        "movne r5, #0\n\t"
        "moveq r5, #1\n\t"
        "strd r4, r5, [sp, #16]\n"
        "1:\n\t" /* a position */
        "ldrd lr, r12, [sp, #8]\n\t"
        "ldrd r11, r10, [sp, #16]\n\t"
        "add r8, lr, #16\n\t"
        "add r9, r12, #8\n\t"
        "add r11, r11, lr\n\t"
        "strd r8, r9, [sp, #8]\n\t"
        "cmp r10, #0\n\t"
        EDGEQ_WINOGRAD_FOUR("0", "0", EDGEQ_WINOGRAD_NEW)
        "bne 3f\n\t"
        "add lr, #1152\n\t"
        "add r12, #576\n\t"
        "cmp lr, r11\n\t"
        "beq 4f\n"
        "2:\n\t"
        EDGEQ_WINOGRAD_FOUR("0", "0", EDGEQ_WINOGRAD_MORE)
        "3:\n\t"
        EDGEQ_WINOGRAD_FOUR("1152", "576", EDGEQ_WINOGRAD_MORE)
        "add lr, #2304\n\t"
        "add r12, #1152\n\t"
        "cmp lr, r11\n\t"
        "bne 2b\n"
        "4:\n\t"
        "ldrd r8, r9, [sp]\n\t"
        "stmia r8!, {r0, r1, r2, r3, r4, r5, r6, r7}\n\t"
        "str r8, [sp]\n\t"
        "cmp r8, r9\n\t"
        "bne 1b\n\t"
        "add sp, #28\n\t"
        "pop {r4-r11, pc}\n\t");
}

#else /* on another machine: what it computes, in C */
#include "edgeq_winograd_products_emulated.h"
#endif

#endif

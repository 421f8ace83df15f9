/* The products of Winograd's transformed inputs and filters, for cores with the DSP extension.
 *
 * It is assembly for the reason that edgeq_pairs_dsp.h is: 4 tiles x 2 channels need all registers.
 */
#ifndef EDGEQ_WINOGRAD_PRODUCTS_DSP_H
#define EDGEQ_WINOGRAD_PRODUCTS_DSP_H

#include <stdint.h>

#include "edgeq_arith.h"
#include "edgeq_dsp.h"
#include "edgeq_winograd_tiles.h"

#if defined(__ARM_FEATURE_DSP)

/* Two inputs x 4 tiles x 2 channels: 16 products in 11 instructions of four bytes each. Sums: r0-r3 and r4-r7. */
#define EDGEQ_WINOGRAD_STEP(first, second)          \
    "ldrd r10, r11, [r12], #288\n\t"               \
    "ldrd r8, r9, [lr], #8\n\t"                    \
    first("r0", "r10", "r8") first("r4", "r11", "r8") first("r1", "r10", "r9") first("r5", "r11", "r9") \
    "ldrd r8, r9, [lr], #568\n\t"                    \
    second("r2", "r10", "r8") second("r6", "r11", "r8") second("r3", "r10", "r9") second("r7", "r11", "r9")
#define EDGEQ_WINOGRAD_NEW(sum, a, b) "smuad " sum ", " a ", " b "\n\t"
#define EDGEQ_WINOGRAD_MORE(sum, a, b) "smlad " sum ", " a ", " b ", " sum "\n\t"

/* inputs: [channels / 2][position][tile] pairs, filters: [channels / 2][position][output channel], sums: [position]
 * [output channel][tile]; channels a multiple of 4. The first four inputs begin the sums; what is left goes through a
 * loop of 16, which is entered at the place that leaves a multiple of 16.
 * Stack: 0 sums, 4 their end, 8 where the loop is entered, 12 from a position's last inputs back to the next one's
 * first, in bytes, 16 end of a position's inputs. */
static __attribute__((naked, noinline, unused)) void edgeq_winograd_products(
    const uint32_t *inputs __attribute__((unused)), const uint32_t *filters __attribute__((unused)),
    uint32_t *sums __attribute__((unused)), int32_t channels __attribute__((unused)))
{
    __asm__ volatile(
        "push {r4-r11, lr}\n\t"
        "sub sp, #20\n\t"
        "mov lr, r0\n\t"
        "mov r12, r1\n\t"
        "add r4, r2, #1152\n\t"
        "strd r2, r4, [sp]\n\t"
        "mov r4, #288\n\t"
        "mul r4, r3, r4\n\t"
        "sub r5, r4, #16\n\t"
        "str r5, [sp, #12]\n\t"
        "add r4, lr, r4\n\t"
        "str r4, [sp, #16]\n\t"
        "lsr r3, r3, #2\n\t" /* fours; but for the first, so many of the loop's four are not skipped, modulo 4 */
        "rsb r3, r3, #1\n\t"
        "and r3, r3, #3\n\t"
        "mov r4, #88\n\t"
        "adr r5, 2f\n\t"
        "mla r3, r3, r4, r5\n\t"
        "orr r3, r3, #1\n\t"
        "str r3, [sp, #8]\n"
        "1:\n\t" /* a position */
        EDGEQ_WINOGRAD_STEP(EDGEQ_WINOGRAD_NEW, EDGEQ_WINOGRAD_NEW)
        EDGEQ_WINOGRAD_STEP(EDGEQ_WINOGRAD_MORE, EDGEQ_WINOGRAD_MORE)
        "ldr r8, [sp, #8]\n\t"
        "ldr r9, [sp, #16]\n\t"
        "cmp lr, r9\n\t"
        "beq 3f\n\t"
        "bx r8\n\t"
        ".balign 4\n"
        "2:\n\t"
        ".rept 8\n\t" EDGEQ_WINOGRAD_STEP(EDGEQ_WINOGRAD_MORE, EDGEQ_WINOGRAD_MORE) ".endr\n\t"
        "ldr r9, [sp, #16]\n\t"
        "cmp lr, r9\n\t"
        "bne 2b\n"
        "3:\n\t"
        "ldrd r8, r9, [sp]\n\t"
        "stmia r8!, {r0-r7}\n\t"
        "str r8, [sp]\n\t"
        "ldrd r10, r11, [sp, #12]\n\t"
        "sub lr, lr, r10\n\t"
        "sub r12, r12, r10, lsr #1\n\t"
        "add r11, r11, #16\n\t"
        "str r11, [sp, #16]\n\t"
        "cmp r8, r9\n\t"
        "bne 1b\n\t"
        "add sp, #20\n\t"
        "pop {r4-r11, pc}\n\t");
}

#else /* on another machine: what it computes, in C */
#include "edgeq_winograd_products_emulated.h"
#endif

#endif

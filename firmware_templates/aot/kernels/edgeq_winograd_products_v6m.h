/* The products of Winograd's transformed inputs and filters, for cores without 32-bit Thumb instructions and long products.
 *
 * It is assembly because four sums, four products, two weights and two pointers ask for high registers, too.
 */
#ifndef EDGEQ_WINOGRAD_PRODUCTS_V6M_H
#define EDGEQ_WINOGRAD_PRODUCTS_V6M_H

#include <stdint.h>

#include "edgeq_v6m.h"
#include "edgeq_winograd_tiles.h"

#if defined(__ARM_ARCH_ISA_THUMB) && __ARM_ARCH_ISA_THUMB == 1

/* Two filters' halfwords to r2 and r3. */
#define EDGEQ_WINOGRAD_PAIR                                                                                        \
    "ldm r1!, {r3}\n\t"                                                                                           \
    "sxth r2, r3\n\t"                                                                                             \
    "asrs r3, r3, #16\n\t"
#define EDGEQ_WINOGRAD_TIMES(weight)                                                                               \
    "ldm r0!, {r4-r7}\n\t"                                                                                        \
    "muls r4, " weight ", r4\n\t"                                                                                 \
    "muls r5, " weight ", r5\n\t"                                                                                 \
    "muls r6, " weight ", r6\n\t"                                                                                 \
    "muls r7, " weight ", r7\n\t"
#define EDGEQ_WINOGRAD_MORE(weight) EDGEQ_WINOGRAD_TIMES(weight) EDGEQ_ADD_PRODUCTS

/* inputs: [position][channels][4 tiles], filters: [position][channels] halfwords, sums: [position][4 tiles]; channels a
 * multiple of 4. Stack: 0 bytes of a position's inputs, 4 end of the sums. Registers: r12 sums, lr end of a position. */
EDGEQ_ASSEMBLY edgeq_winograd_products(const int32_t *inputs __attribute__((unused)),
                                       const uint32_t *filters __attribute__((unused)),
                                       uint32_t *sums __attribute__((unused)),
                                       int32_t channels __attribute__((unused)))
{
    __asm__ volatile(
        EDGEQ_ENTER
        "sub sp, #8\n\t"
        "lsls r3, r3, #4\n\t"
        "str r3, [sp]\n\t"
        "mov r12, r2\n\t"
        "movs r4, #144\n\t"
        "lsls r4, r4, #2\n\t"
        "adds r2, r2, r4\n\t"
        "str r2, [sp, #4]\n\t"
        "mov lr, r0\n"
        "1:\n\t" /* a position */
        "ldr r2, [sp]\n\t"
        "add lr, lr, r2\n\t"
        EDGEQ_WINOGRAD_PAIR
        EDGEQ_WINOGRAD_TIMES("r2") EDGEQ_TAKE_PRODUCTS EDGEQ_WINOGRAD_MORE("r3")
        EDGEQ_WINOGRAD_PAIR
        EDGEQ_WINOGRAD_MORE("r2") EDGEQ_WINOGRAD_MORE("r3")
        "b 3f\n"
        "2:\n\t" /* four more channels */
        EDGEQ_WINOGRAD_PAIR
        EDGEQ_WINOGRAD_MORE("r2") EDGEQ_WINOGRAD_MORE("r3")
        EDGEQ_WINOGRAD_PAIR
        EDGEQ_WINOGRAD_MORE("r2") EDGEQ_WINOGRAD_MORE("r3")
        "3:\n\t"
        "cmp r0, lr\n\t"
        "bne 2b\n\t"
        "mov r2, r12\n\t"
        "mov r4, r8\n\t"
        "mov r5, r9\n\t"
        "mov r6, r10\n\t"
        "mov r7, r11\n\t"
        "stm r2!, {r4-r7}\n\t"
        "mov r12, r2\n\t"
        "ldr r3, [sp, #4]\n\t"
        "cmp r2, r3\n\t"
        "bne 1b\n\t"
        "add sp, #8\n\t"
        EDGEQ_LEAVE);
}

#else /* on another machine: what it computes, in C */
#include "edgeq_winograd_products_v6m_emulated.h"
#endif

#endif

/* One channel of one of Winograd's tiles: from its sums to 4x4 bytes, as assembly for Thumb-2.
 *
 * It is assembly because compilers keep neither the six sums nor the constants of requantization in registers.
 */
#ifndef EDGEQ_WINOGRAD_OUTPUTS_H
#define EDGEQ_WINOGRAD_OUTPUTS_H

#include <stdint.h>

/* The assembly reads the fields by their offsets. */
typedef struct {
    const uint32_t *sums; /* of the positions, 32 bytes apart */
    int8_t *output;
    uint32_t bias;        /* times 256 */
    const int32_t *entry; /* of the fast or signed form */
    int32_t row_bytes, pixel_bytes;
} edgeq_winograd_tile;

/* What differs from form to form. */
typedef struct {
    void (*outputs)(const edgeq_winograd_tile *tile);
    int32_t entry; /* int32 elements of a channel's entry */
} edgeq_winograd_form;

/* Six sums r4-r9 to four outputs, along one side: r4, r8, r6, r9 are 24, 12, 6 and 6 times what they stand for. */
#define EDGEQ_WINOGRAD_SIDE_BACK          \
    "add r10, r5, r6\n\t"                \
    "sub r5, r5, r6\n\t"                 \
    "add r11, r7, r8\n\t"                \
    "sub r7, r7, r8\n\t"                 \
    "add r6, r10, r11\n\t"               \
    "add r4, r4, r4, lsl #1\n\t"         \
    "add r4, r4, r10, lsl #1\n\t"        \
    "add r4, r11, r4, lsl #1\n\t"        \
    "add r8, r7, r5, lsl #1\n\t"         \
    "add r9, r9, r9, lsl #1\n\t"         \
    "add r9, r9, r7\n\t"                 \
    "add r9, r5, r9, lsl #1\n\t"

#define EDGEQ_WINOGRAD_ENTRY_FAST    \
    "ldrd r2, r12, [r2]\n\t"       \
    "str r12, [sp]\n\t"            \
    "asr r12, r12, #8\n\t"
#define EDGEQ_WINOGRAD_ENTRY_SIGNED  \
    "ldrd r4, r5, [r2, #8]\n\t"    \
    "strd r4, r5, [sp]\n\t"        \
    "ldrd r2, r12, [r2]\n\t"

/* REQUANTIZE makes a byte of 256 times an accumulator: multiplier r2, addend r12, shift in r5's lower byte, correction r7; it
 * may lose r10 and r11. ENTRY makes them of an entry at r2, the latter two on the stack.
 * Stack: 0 shift, 4 correction, 8 bytes to the next pixel, 12 to the next row, 16 four rows of six sums.
 * Registers: r0 4/9 modulo 2^32, which is 256 / (24 * 24), times 2 from row to row, but for the last. */
#define EDGEQ_WINOGRAD_OUTPUTS(ENTRY, REQUANTIZE)                                            \
    "push {r4-r11, lr}\n\t"                                                                 \
    "sub sp, #116\n\t"                                                                      \
    "ldrd r1, r3, [r0]\n\t"                                                                 \
    "ldrd r4, r5, [r0, #16]\n\t"                                                            \
    "strd r5, r4, [sp, #8]\n\t"                                                             \
    "ldrd r0, r2, [r0, #8]\n\t"                                                             \
    ENTRY                                                                                   \
    "push {r0, r2}\n\t" /* bias, multiplier: back below, once the columns are done */        \
    "add lr, sp, #24\n\t"                                                                   \
    "add r0, sp, #48\n"                                                                     \
    "1:\n\t" /* a column */                                                                 \
    "ldr r5, [r1, #192]\n\t"                                                                \
    "ldr r6, [r1, #384]\n\t"                                                                \
    "ldr r7, [r1, #576]\n\t"                                                                \
    "ldr r8, [r1, #768]\n\t"                                                                \
    "ldr r9, [r1, #960]\n\t"                                                                \
    "ldr r4, [r1], #32\n\t"                                                                 \
    EDGEQ_WINOGRAD_SIDE_BACK                                                                \
    "str r8, [lr, #24]\n\t"                                                                 \
    "str r6, [lr, #48]\n\t"                                                                 \
    "str r9, [lr, #72]\n\t"                                                                 \
    "str r4, [lr], #4\n\t"                                                                  \
    "cmp lr, r0\n\t"                                                                        \
    "bne 1b\n\t"                                                                            \
    "pop {r1, r2}\n\t"                                                                      \
    "add lr, sp, #16\n\t"                                                                   \
    "movw r0, #0x38e4\n\t"                                                                  \
    "movt r0, #0xe38e\n"                                                                    \
    "2:\n\t" /* a row */                                                                    \
    "ldm lr!, {r4, r5, r6, r7, r8, r9}\n\t"                                                 \
    EDGEQ_WINOGRAD_SIDE_BACK                                                                \
    "ldrd r5, r7, [sp]\n\t"                                                                 \
    "lsl r10, r0, #1\n\t"                                                                   \
    "lsl r11, r0, #2\n\t"                                                                   \
    "mla r4, r4, r0, r1\n\t"                                                                \
    "mla r8, r8, r10, r1\n\t"                                                               \
    "mla r6, r6, r11, r1\n\t"                                                               \
    "mla r9, r9, r11, r1\n\t"                                                               \
    REQUANTIZE("r4") REQUANTIZE("r8") REQUANTIZE("r6") REQUANTIZE("r9")                     \
    "ldrd r10, r11, [sp, #8]\n\t"                                                           \
    "add r5, r3, r10\n\t"                                                                   \
    "strb r8, [r3, r10]\n\t"                                                                \
    "strb r6, [r3, r10, lsl #1]\n\t"                                                        \
    "strb r9, [r5, r10, lsl #1]\n\t"                                                        \
    "strb r4, [r3]\n\t"                                                                     \
    "add r3, r3, r11\n\t"                                                                   \
    "sub r10, sp, lr\n\t"                                                                   \
    "cmn r10, #64\n\t"                                                                      \
    "it pl\n\t"                                                                             \
    "lslpl r0, r0, #1\n\t"                                                                  \
    "cmn r10, #112\n\t"                                                                     \
    "bne 2b\n\t"                                                                            \
    "add sp, #116\n\t"                                                                      \
    "pop {r4-r11, pc}\n\t"

#endif

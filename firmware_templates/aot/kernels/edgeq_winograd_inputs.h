/* Four channels of one of Winograd's tiles: from 6x6 inputs to 36 positions, as assembly for Thumb-2.
 *
 * It is assembly because six inputs, their differences and four addresses are all registers that there are.
 */
#ifndef EDGEQ_WINOGRAD_INPUTS_H
#define EDGEQ_WINOGRAD_INPUTS_H

/* Four bytes of each of six inputs, to r4-r9; r0 the first, r2 from one to the next, r11 three times that. EACH makes of a
 * register two of the bytes as numbers from 0 to 255. */
#define EDGEQ_WINOGRAD_LOAD(EACH)                \
    "ldr r4, [r0]\n\t"                          \
    "ldr r5, [r0, r2]\n\t"                      \
    "add r10, r0, r2\n\t"                       \
    "ldr r6, [r0, r2, lsl #1]\n\t"              \
    "ldr r7, [r0, r11]\n\t"                     \
    "ldr r8, [r0, r2, lsl #2]\n\t"              \
    "ldr r9, [r10, r2, lsl #2]\n\t"             \
    EACH("r4") EACH("r5") EACH("r6") EACH("r7") EACH("r8") EACH("r9")
/* Six inputs r4-r9 to six positions r4, r6, r7, r9, r10, r12, along one side. */
#define EDGEQ_WINOGRAD_SIDE_THERE         \
    "rsb r10, r8, r6, lsl #2\n\t"        \
    "rsb r12, r7, r5, lsl #2\n\t"        \
    "sub r8, r8, r6\n\t"                 \
    "sub r5, r7, r5\n\t"                 \
    "rsb r4, r6, r4, lsl #2\n\t"         \
    "sub r4, r4, r10\n\t"                \
    "sub r9, r9, r7\n\t"                 \
    "add r6, r10, r12\n\t"               \
    "sub r7, r10, r12\n\t"               \
    "sub r12, r9, r5, lsl #2\n\t"        \
    "add r9, r8, r5, lsl #1\n\t"         \
    "sub r10, r8, r5, lsl #1\n\t"
/* Both halfwords went as one number: the low one's borrow is given back to the high one. */
#define EDGEQ_WINOGRAD_SETTLE(x)          \
    "and r8, " x ", #0x8000\n\t"         \
    "add " x ", " x ", r8, lsl #1\n\t"
#define EDGEQ_WINOGRAD_ROWS(label, end, EACH)               \
    label ":\n\t"                                          \
    EDGEQ_WINOGRAD_LOAD(EACH)                              \
    EDGEQ_WINOGRAD_SIDE_THERE                              \
    "stm r3!, {r4, r6, r7, r9, r10, r12}\n\t"              \
    "add r0, r0, r1\n\t"                                   \
    "add r10, sp, #" end "\n\t"                            \
    "cmp r3, r10\n\t"                                      \
    "bne " label "b\n\t"

/* Of edgeq_winograd_positions. from: the first of 6 rows of 6 inputs of four bytes, `row` and `step` bytes apart; words:
 * [half][position][tile], of the tile. Stack: 0 from, 4 words, 8 [half][row][position of the row]. lr: a constant for EVEN and
 * ODD, which make of a register its bytes 0 and 2, 1 and 3. */
#define EDGEQ_WINOGRAD_POSITIONS_OF(constant, EVEN, ODD)                                                        \
    "push {r4-r11, lr}\n\t"                                                                                     \
    "sub sp, #300\n\t"                                                                                          \
    "strd r0, r3, [sp]\n\t"                                                                                     \
    "mov lr, " constant "\n\t"                                                                                  \
    "add r11, r2, r2, lsl #1\n\t"                                                                               \
    "add r3, sp, #8\n"                                                                                          \
    EDGEQ_WINOGRAD_ROWS("1", "152", EVEN)                                                                       \
    "ldr r0, [sp]\n"                                                                                            \
    EDGEQ_WINOGRAD_ROWS("2", "296", ODD)                                                                        \
    "ldr r1, [sp, #4]\n\t"                                                                                      \
    "add r3, sp, #8\n\t"                                                                                        \
    "add r0, sp, #32\n" /* end of the first row */                                                              \
    "3:\n\t" /* a column */                                                                                     \
    "ldr r5, [r3, #24]\n\t"                                                                                     \
    "ldr r6, [r3, #48]\n\t"                                                                                     \
    "ldr r7, [r3, #72]\n\t"                                                                                     \
    "ldr r8, [r3, #96]\n\t"                                                                                     \
    "ldr r9, [r3, #120]\n\t"                                                                                    \
    "ldr r4, [r3], #4\n\t"                                                                                      \
    EDGEQ_WINOGRAD_SIDE_THERE                                                                                   \
    EDGEQ_WINOGRAD_SETTLE("r4") EDGEQ_WINOGRAD_SETTLE("r6") EDGEQ_WINOGRAD_SETTLE("r7")                         \
    EDGEQ_WINOGRAD_SETTLE("r9") EDGEQ_WINOGRAD_SETTLE("r10") EDGEQ_WINOGRAD_SETTLE("r12")                       \
    "str r6, [r1, #96]\n\t"                                                                                     \
    "str r7, [r1, #192]\n\t"                                                                                    \
    "str r9, [r1, #288]\n\t"                                                                                    \
    "str r10, [r1, #384]\n\t"                                                                                   \
    "str r12, [r1, #480]\n\t"                                                                                   \
    "str r4, [r1], #16\n\t"                                                                                     \
    "cmp r3, r0\n\t"                                                                                            \
    "bne 3b\n\t"                                                                                                \
    "add r4, sp, #176\n\t" /* end of the second half's first row */                                             \
    "cmp r0, r4\n\t"                                                                                            \
    "beq 4f\n\t"                                                                                                \
    "mov r0, r4\n\t"                                                                                            \
    "add r3, sp, #152\n\t"                                                                                      \
    "add r1, r1, #480\n\t"                                                                                      \
    "b 3b\n"                                                                                                    \
    "4:\n\t"                                                                                                    \
    "add sp, #300\n\t"                                                                                          \
    "pop {r4-r11, pc}\n\t"

#endif

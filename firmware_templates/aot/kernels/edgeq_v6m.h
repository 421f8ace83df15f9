/* What the assembly for cores without 32-bit Thumb instructions and long products shares. */
#ifndef EDGEQ_V6M_H
#define EDGEQ_V6M_H

/* gcc takes assembly in a function for that of the old syntax, if it is not told. */
#define EDGEQ_ASSEMBLY static __attribute__((naked, noinline, unused)) void
#define EDGEQ_ENTER                                                                                                \
    ".syntax unified\n\t"                                                                                          \
    "push {r4-r7, lr}\n\t"                                                                                         \
    "mov r4, r8\n\t"                                                                                               \
    "mov r5, r9\n\t"                                                                                               \
    "mov r6, r10\n\t"                                                                                              \
    "mov r7, r11\n\t"                                                                                              \
    "push {r4-r7}\n\t"
#define EDGEQ_LEAVE                                                                                                \
    "pop {r4-r7}\n\t"                                                                                              \
    "mov r8, r4\n\t"                                                                                               \
    "mov r9, r5\n\t"                                                                                               \
    "mov r10, r6\n\t"                                                                                              \
    "mov r11, r7\n\t"                                                                                              \
    "pop {r4-r7, pc}\n\t"

/* r4 to r7 from the words at r0, each times the byte at r1 + r0. */
#define EDGEQ_PRODUCTS                                                                                             \
    "ldrsb r2, [r1, r0]\n\t"                                                                                       \
    "ldm r0!, {r4-r7}\n\t"                                                                                         \
    "muls r4, r2, r4\n\t"                                                                                          \
    "muls r5, r2, r5\n\t"                                                                                          \
    "muls r6, r2, r6\n\t"                                                                                          \
    "muls r7, r2, r7\n\t"
#define EDGEQ_TAKE_PRODUCTS                                                                                        \
    "mov r8, r4\n\t"                                                                                               \
    "mov r9, r5\n\t"                                                                                               \
    "mov r10, r6\n\t"                                                                                              \
    "mov r11, r7\n\t"
#define EDGEQ_ADD_PRODUCTS                                                                                         \
    "add r8, r8, r4\n\t"                                                                                           \
    "add r9, r9, r5\n\t"                                                                                           \
    "add r10, r10, r6\n\t"                                                                                         \
    "add r11, r11, r7\n\t"

/* Requantization, as edgeq_requantize_v6m.h has it. A row at r7, which goes on to the next: to shift r1, split r2 (their
 * low bytes, which is what shifts take), parts of the multiplier r6, r7 and r3, addend r8, first r9, last r10, the fast
 * form's lowest output r12, turn r11, correction r12. Changes r4 and r5. The signed form has too little of registers: its
 * shift waits on the stack. */
#define EDGEQ_ROW_FAST                                                                                             \
    "ldm r7!, {r1, r2, r4, r5, r6}\n\t"                                                                            \
    "mov r8, r4\n\t"                                                                                               \
    "mov r9, r5\n\t"                                                                                               \
    "mov r10, r6\n\t"
#define EDGEQ_ROW_SIGNED                                                                                           \
    EDGEQ_ROW_FAST                                                                                                 \
    "ldm r7!, {r4, r5}\n\t"                                                                                        \
    "mov r11, r4\n\t"                                                                                              \
    "mov r12, r5\n\t"
#define EDGEQ_PARTS(high, low)                                                                                     \
    "mov " high ", " low "\n\t"                                                                                    \
    "asrs " high ", r2\n\t"                                                                                        \
    "mov r5, " high "\n\t"                                                                                         \
    "lsls r5, r2\n\t"                                                                                              \
    "subs " low ", " low ", r5\n\t"
#define EDGEQ_PARTS_FAST(shift)                                                                                    \
    "asrs r4, r1, #16\n\t"                                                                                         \
    "mov r12, r4\n\t"                                                                                              \
    "mov r7, r2\n\t"                                                                                               \
    "lsrs r2, r1, #8\n\t" EDGEQ_PARTS("r6", "r7")
#define EDGEQ_PARTS_SIGNED(shift)                                                                                  \
    "mov r3, r2\n\t"                                                                                               \
    "lsrs r2, r1, #8\n\t"                                                                                          \
    "uxtb r1, r1\n\t"                                                                                              \
    "str r1, [sp, #" shift "]\n\t" EDGEQ_PARTS("r7", "r3") EDGEQ_PARTS("r6", "r7")

/* The byte of a sum in r4. The fast form has rectifiers, most of whose outputs may be the lowest. */
#define EDGEQ_BYTE_FAST(shift)                                                                                     \
    "cmp r4, r9\n\t"                                                                                               \
    "bgt 71f\n\t"                                                                                                  \
    "mov r4, r12\n\t"                                                                                              \
    "b 73f\n"                                                                                                      \
    "71:\n\t"                                                                                                      \
    "cmp r4, r10\n\t"                                                                                              \
    "ble 72f\n\t"                                                                                                  \
    "mov r4, r10\n"                                                                                                \
    "72:\n\t"                                                                                                      \
    "mov r5, r4\n\t"                                                                                               \
    "muls r5, r7, r5\n\t"                                                                                          \
    "asrs r5, r2\n\t"                                                                                              \
    "muls r4, r6, r4\n\t"                                                                                          \
    "adds r4, r4, r5\n\t"                                                                                          \
    "add r4, r4, r8\n\t"                                                                                           \
    "asrs r4, r1\n"                                                                                                \
    "73:\n\t"
#define EDGEQ_BYTE_SIGNED(shift)                                                                                   \
    "cmp r4, r9\n\t"                                                                                               \
    "bge 71f\n\t"                                                                                                  \
    "mov r4, r9\n"                                                                                                 \
    "71:\n\t"                                                                                                      \
    "cmp r4, r10\n\t"                                                                                              \
    "ble 72f\n\t"                                                                                                  \
    "mov r4, r10\n"                                                                                                \
    "72:\n\t"                                                                                                      \
    "mov r5, r4\n\t"                                                                                               \
    "muls r5, r3, r5\n\t"                                                                                          \
    "asrs r5, r2\n\t"                                                                                              \
    "mov r1, r4\n\t"                                                                                               \
    "muls r1, r7, r1\n\t"                                                                                          \
    "adds r5, r5, r1\n\t"                                                                                          \
    "asrs r5, r2\n\t"                                                                                              \
    "muls r4, r6, r4\n\t"                                                                                          \
    "adds r4, r4, r5\n\t"                                                                                          \
    "add r4, r4, r8\n\t"                                                                                           \
    "cmp r4, r11\n\t"                                                                                              \
    "bge 73f\n\t"                                                                                                  \
    "add r4, r4, r12\n"                                                                                            \
    "73:\n\t"                                                                                                      \
    "ldr r1, [sp, #" shift "]\n\t"                                                                                 \
    "asrs r4, r1\n\t"

#endif

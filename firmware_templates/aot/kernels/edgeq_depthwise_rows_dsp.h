/* The loops over depthwise rows, for cores with the DSP extension.
 *
 * Two columns of two rows are computed at a time, in assembly, because with six registers of weights there is none to
 * spare. A last odd column or row is computed doubly and stored once: the stride to its twin is zero, and the twin is
 * stored first. Only with stride 1 and the fast form has a last odd row a loop of its own.
 */
#ifndef EDGEQ_DEPTHWISE_ROWS_DSP_H
#define EDGEQ_DEPTHWISE_ROWS_DSP_H

#include "edgeq_arith.h"
#include "edgeq_depthwise_rows.h"

#if defined(__ARM_FEATURE_DSP)

/* Sums: r0 r1 in the first output row, r2 r3 in the second. Weights times 256: r4 r5 r6 rows (0, 1) of columns 0 1 2,
 * r7 r8 r9 rows (1, 2). r10 r11: words. r12: place in the words; lr: pair_bytes. */
#define EDGEQ_ROWS_LOAD            \
    "ldr r11, [r12, lr]\n\t"      \
    "ldr r10, [r12], #16\n\t"
/* A column with its weights: rows 0 and 1 in r10, rows 2 and 3 in r11. */
#define EDGEQ_ROWS_COLUMN(first, second, w01, w12, first_from, second_from)        \
    "smlabt " second ", " w01 ", r10, " second_from "\n\t"                        \
    "smlad " second ", " w12 ", r11, " second "\n\t"                              \
    "smlad " first ", " w01 ", r10, " first_from "\n\t"                           \
    "smlatb " first ", " w12 ", r11, " first "\n\t"
#define EDGEQ_ROWS_BLOCK_1                                                         \
    EDGEQ_ROWS_LOAD                                                                \
    EDGEQ_ROWS_COLUMN("r0", "r2", "r4", "r7", "r1", "r1")                          \
    EDGEQ_ROWS_LOAD                                                                \
    EDGEQ_ROWS_COLUMN("r0", "r2", "r5", "r8", "r0", "r2")                          \
    EDGEQ_ROWS_COLUMN("r1", "r3", "r4", "r7", "r1", "r1")                          \
    EDGEQ_ROWS_LOAD                                                                \
    EDGEQ_ROWS_COLUMN("r0", "r2", "r6", "r9", "r0", "r2")                          \
    EDGEQ_ROWS_COLUMN("r1", "r3", "r5", "r8", "r1", "r3")                          \
    EDGEQ_ROWS_LOAD                                                                \
    EDGEQ_ROWS_COLUMN("r1", "r3", "r6", "r9", "r1", "r3")                          \
    "sub r12, #32\n\t"

/* One output row of stride 1: the upper of two. */
#define EDGEQ_ROWS_UPPER_COLUMN(first, w01, w12, from) \
    "smlad " first ", " w01 ", r10, " from "\n\t"      \
    "smlatb " first ", " w12 ", r11, " first "\n\t"
#define EDGEQ_ROWS_BLOCK_ONE                                        \
    EDGEQ_ROWS_LOAD EDGEQ_ROWS_UPPER_COLUMN("r0", "r4", "r7", "r1") \
    EDGEQ_ROWS_LOAD EDGEQ_ROWS_UPPER_COLUMN("r0", "r5", "r8", "r0") \
    EDGEQ_ROWS_UPPER_COLUMN("r1", "r4", "r7", "r1")                 \
    EDGEQ_ROWS_LOAD EDGEQ_ROWS_UPPER_COLUMN("r0", "r6", "r9", "r0") \
    EDGEQ_ROWS_UPPER_COLUMN("r1", "r5", "r8", "r1")                 \
    EDGEQ_ROWS_LOAD EDGEQ_ROWS_UPPER_COLUMN("r1", "r6", "r9", "r1") \
    "sub r12, #32\n\t"

/* Stride 2: the first output row reads pairs 0 and 1, the second 1 and 2. */
#define EDGEQ_ROWS_LOWER                   \
    "ldr r10, [r12, lr, lsl #1]\n\t"      \
    "ldr r11, [r12, lr]\n\t"
#define EDGEQ_ROWS_UPPER "ldr r10, [r12], #16\n\t"
#define EDGEQ_ROWS_MIDDLE(first, second, w01, w12, first_from, second_from)        \
    "smlad " second ", " w01 ", r11, " second_from "\n\t"                         \
    "smlatb " second ", " w12 ", r10, " second "\n\t"                             \
    "smlatb " first ", " w12 ", r11, " first_from "\n\t"
#define EDGEQ_ROWS_TOP(first, w01) "smlad " first ", " w01 ", r10, " first "\n\t"
#define EDGEQ_ROWS_BLOCK_2                                                         \
    EDGEQ_ROWS_LOWER EDGEQ_ROWS_MIDDLE("r0", "r2", "r4", "r7", "r1", "r1")         \
    EDGEQ_ROWS_UPPER EDGEQ_ROWS_TOP("r0", "r4")                                    \
    EDGEQ_ROWS_LOWER EDGEQ_ROWS_MIDDLE("r0", "r2", "r5", "r8", "r0", "r2")         \
    EDGEQ_ROWS_UPPER EDGEQ_ROWS_TOP("r0", "r5")                                    \
    EDGEQ_ROWS_LOWER EDGEQ_ROWS_MIDDLE("r0", "r2", "r6", "r9", "r0", "r2")         \
    EDGEQ_ROWS_MIDDLE("r1", "r3", "r4", "r7", "r1", "r1")                          \
    EDGEQ_ROWS_UPPER EDGEQ_ROWS_TOP("r0", "r6") EDGEQ_ROWS_TOP("r1", "r4")         \
    EDGEQ_ROWS_LOWER EDGEQ_ROWS_MIDDLE("r1", "r3", "r5", "r8", "r1", "r3")         \
    EDGEQ_ROWS_UPPER EDGEQ_ROWS_TOP("r1", "r5")                                    \
    EDGEQ_ROWS_LOWER EDGEQ_ROWS_MIDDLE("r1", "r3", "r6", "r9", "r1", "r3")         \
    EDGEQ_ROWS_UPPER EDGEQ_ROWS_TOP("r1", "r6")                                    \
    "sub r12, #16\n\t"

#define EDGEQ_ROWS_EACH(before, after) \
    before "r0" after before "r1" after before "r2" after before "r3" after
/* From an entry at r7 to the stack. */
#define EDGEQ_ROWS_ENTRY_FAST           \
    "ldm r7!, {r1, r3}\n\t"             \
    "asr r2, r3, #8\n\t"                \
    "stm sp, {r1, r2, r3}\n\t"
#define EDGEQ_ROWS_ENTRY_SIGNED         \
    "ldm r7!, {r1, r2, r3, r11}\n\t"    \
    "stm sp, {r1, r2, r3, r11}\n\t"
#define EDGEQ_ROWS_SCALE_FAST                       \
    "ldm sp, {r10, r11, lr}\n\t"                   \
    "smmla r0, r0, r10, r11\n\t"                   \
    "smmla r1, r1, r10, r11\n\t"                   \
    "smmla r2, r2, r10, r11\n\t"                   \
    "smmla r3, r3, r10, r11\n\t"
#define EDGEQ_ROWS_SCALE_ONE(x)                     \
    "and r11, r10, " x ", asr #31\n\t"             \
    "smmla " x ", " x ", lr, r11\n\t"
#define EDGEQ_ROWS_SCALE_SIGNED                                                              \
    "ldr lr, [sp]\n\t"                                                                      \
    "ldr r10, [sp, #12]\n\t"                                                                \
    EDGEQ_ROWS_SCALE_ONE("r0") EDGEQ_ROWS_SCALE_ONE("r1")                                   \
    EDGEQ_ROWS_SCALE_ONE("r2") EDGEQ_ROWS_SCALE_ONE("r3")                                   \
    "ldrd r10, lr, [sp, #4]\n\t"                                                            \
    EDGEQ_ROWS_EACH("add ", ", r10\n\t")

/* Stack: 0 multiplier, 4 addend, 8 shift in the lower byte, 12 correction, 16 bias, 20 output, 24 bytes to the second
 * row, 28 bytes to the second column, 32 pair_bytes, 36 end of the words, 40 words of the row, 44 output of the row,
 * 48 rows left, 52 bytes of words a row, 56 of them in whole blocks, 60 row_bytes, 64 step, 68 channels left, 72 of the
 * next channel words, weights, bias, entry, output, and what is the same for all, rows and lane_bytes. */

/* Where a row is stored and its whole blocks end; jumps to `none` where it has none of them. */
#define EDGEQ_ROWS_BEGIN(none)                                        \
    "strd r0, r2, [sp, #20]\n\t"                                      \
    "str r3, [sp, #28]\n\t"                                           \
    "ldr r0, [sp, #56]\n\t"                                           \
    "add r1, r12, r0\n\t"                                             \
    "str r1, [sp, #36]\n\t"                                           \
    "cmp r0, #0\n\t"                                                  \
    "beq " none "\n"
/* The last odd column: once more from `again`, both stored at one place, where not all words are done. */
#define EDGEQ_ROWS_ODD(again)                                         \
    "ldr r0, [sp, #40]\n\t"                                           \
    "ldr r1, [sp, #52]\n\t"                                           \
    "add r1, r0, r1\n\t"                                              \
    "cmp r12, r1\n\t"                                                 \
    "itttt ne\n\t"                                                    \
    "strne r1, [sp, #36]\n\t"                                         \
    "movne r1, #0\n\t"                                                \
    "strne r1, [sp, #28]\n\t"                                         \
    "bne " again "\n\t"

/* The next channel, or the end. */
#define EDGEQ_ROWS_NEXT                                               \
    "ldr r1, [sp, #68]\n\t"                                           \
    "add r0, sp, #72\n\t"                                             \
    "subs r1, #1\n\t"                                                 \
    "str r1, [sp, #68]\n\t"                                           \
    "itt ne\n\t"                                                      \
    "ldmne r0, {r4-r10}\n\t"                                          \
    "bne 8b\n\t"                                                      \
    "add sp, #104\n\t"                                                \
    "pop {r4-r11, pc}\n\t"

/* `shift` is log2 of a block's bytes of words; `pairs` is "" or ", lsl #1", by how pair_bytes advances in two output
 * rows. */
#define EDGEQ_ROWS(BLOCK, ENTRY, SCALE, TWIN, shift, pairs)                                              \
    "push {r4-r11, lr}\n\t"                                                                 \
    "sub sp, #104\n\t"                                                                      \
    "ldrd r1, r2, [r0, #32]\n\t"                                                            \
    "str r1, [sp, #32]\n\t"                                                                 \
    "lsr r1, r2, #1\n\t"                                                                    \
    "adds r2, #1\n\t"                                                                       \
    "lsr r2, r2, #1\n\t"                                                                    \
    "lsl r1, r1, #" shift "\n\t"                                                            \
    "lsl r2, r2, #" shift "\n\t"                                                            \
    "strd r2, r1, [sp, #52]\n\t"                                                            \
    "ldrd r1, r2, [r0, #40]\n\t"                                                            \
    "strd r1, r2, [sp, #60]\n\t"                                                            \
    "ldm r0, {r4-r11}\n\t"                                                                  \
    "add r0, sp, #72\n\t"                                                                   \
    "str r11, [sp, #68]\n"                                                                  \
    "8:\n\t" /* a channel */                                                                \
    "str r4, [sp, #40]\n\t"                                                                 \
    "strd r8, r9, [sp, #44]\n\t"                                                            \
    "add r4, r4, r10\n\t"                                                                   \
    "add r8, r8, #1\n\t"                                                                    \
    ENTRY                                                                                   \
    "ldr r3, [r6], #4\n\t"                                                                  \
    "ldr r1, [r5], #4\n\t"                                                                  \
    "ldr r2, [r5], #4\n\t"                                                                  \
    "ldr r12, [r5], #4\n\t"                                                                 \
    "stm r0, {r4-r10}\n\t"                                                                  \
    "lsl r3, r3, #8\n\t"                                                                    \
    "str r3, [sp, #16]\n\t"                                                                 \
    "mov r10, #0xff00ff00\n\t"                                                              \
    "and r4, r10, r1, lsl #8\n\t"                                                           \
    "and r5, r10, r2, lsl #8\n\t"                                                           \
    "and r6, r10, r12, lsl #8\n\t"                                                          \
    "and r7, r10, r1\n\t"                                                                   \
    "and r8, r10, r2\n\t"                                                                   \
    "and r9, r10, r12\n\t"                                                                  \
    "ldr lr, [sp, #32]\n"                                                                   \
    "1:\n\t" /* two output rows */                                                          \
    "ldr r12, [sp, #40]\n\t"                                                                \
    "ldrd r0, r1, [sp, #44]\n\t"                                                            \
    "ldrd r2, r3, [sp, #60]\n\t"                                                            \
    "cmp r1, #1\n\t"                                                                        \
    TWIN                                                                                    \
    EDGEQ_ROWS_BEGIN("3f")                                                                  \
    "2:\n\t" /* two columns */                                                              \
    "ldr r1, [sp, #16]\n\t"                                                                 \
    BLOCK                                                                                   \
    SCALE                                                                                   \
    EDGEQ_ROWS_EACH("asr ", ", lr\n\t")                                                     \
    "ldr r10, [sp, #20]\n\t"                                                                \
    "ldr r11, [sp, #24]\n\t"                                                                \
    "ldr lr, [sp, #28]\n\t"                                                                 \
    "add r11, r10, r11\n\t"                                                                 \
    "ssat r0, #8, r0\n\t"                                                                   \
    "ssat r1, #8, r1\n\t"                                                                   \
    "ssat r2, #8, r2\n\t"                                                                   \
    "ssat r3, #8, r3\n\t"                                                                   \
    "strb r3, [r11, lr]\n\t"                                                                \
    "strb r2, [r11]\n\t"                                                                    \
    "strb r1, [r10, lr]\n\t"                                                                \
    "strb r0, [r10]\n\t"                                                                    \
    "add r10, r10, lr, lsl #1\n\t"                                                          \
    "str r10, [sp, #20]\n\t"                                                                \
    "ldrd lr, r10, [sp, #32]\n\t"                                                           \
    "cmp r12, r10\n\t"                                                                      \
    "bne 2b\n"                                                                              \
    "3:\n\t" /* the last odd column */                                                      \
    EDGEQ_ROWS_ODD("2b")                                                                    \
    "add r0, r0, lr" pairs "\n\t"                                                           \
    "ldrd r1, r2, [sp, #44]\n\t"                                                            \
    "ldr r3, [sp, #60]\n\t"                                                                 \
    "add r1, r1, r3, lsl #1\n\t"                                                            \
    "strd r0, r1, [sp, #40]\n\t"                                                            \
    "subs r2, #2\n\t"                                                                       \
    "str r2, [sp, #48]\n\t"                                                                 \
    "bgt 1b\n\t"                                                                            \
    EDGEQ_ROWS_NEXT

/* What a last odd row is: with stride 1 and the fast form one by itself, else one of two whose twin is stored below it. */
#define EDGEQ_ROWS_TWIN "it eq\n\tmoveq r2, #0\n\t"
#define EDGEQ_ROWS_NO_TWIN "beq 5f\n\t"
#define EDGEQ_ROWS_LAST                \
    "5:\n\t"                           \
    EDGEQ_ROWS_BEGIN("7f")             \
    "6:\n\t" /* two columns */         \
    "ldr r1, [sp, #16]\n\t"            \
    EDGEQ_ROWS_BLOCK_ONE               \
    "ldm sp, {r2, r10, r11}\n\t"       \
    "smmla r0, r0, r2, r10\n\t"        \
    "smmla r1, r1, r2, r10\n\t"        \
    "asr r0, r0, r11\n\t"              \
    "asr r1, r1, r11\n\t"              \
    "ssat r0, #8, r0\n\t"              \
    "ssat r1, #8, r1\n\t"              \
    "ldr r10, [sp, #20]\n\t"           \
    "ldr r11, [sp, #28]\n\t"           \
    "strb r1, [r10, r11]\n\t"          \
    "strb r0, [r10]\n\t"               \
    "add r10, r10, r11, lsl #1\n\t"    \
    "str r10, [sp, #20]\n\t"           \
    "ldr r10, [sp, #36]\n\t"           \
    "cmp r12, r10\n\t"                 \
    "bne 6b\n"                         \
    "7:\n\t" /* the last odd column */ \
    EDGEQ_ROWS_ODD("6b")               \
    EDGEQ_ROWS_NEXT

#define EDGEQ_ROWS_FUNCTION(name, CODE)                                                                        \
    static __attribute__((naked, noinline, unused)) void name(const edgeq_rows *p __attribute__((unused)))     \
    {                                                                                                          \
        __asm__ volatile(CODE);                                                                                \
    }
EDGEQ_ROWS_FUNCTION(edgeq_rows_1_fast,
                    EDGEQ_ROWS(EDGEQ_ROWS_BLOCK_1, EDGEQ_ROWS_ENTRY_FAST, EDGEQ_ROWS_SCALE_FAST, EDGEQ_ROWS_NO_TWIN, "5", "") EDGEQ_ROWS_LAST)
EDGEQ_ROWS_FUNCTION(edgeq_rows_1_signed,
                    EDGEQ_ROWS(EDGEQ_ROWS_BLOCK_1, EDGEQ_ROWS_ENTRY_SIGNED, EDGEQ_ROWS_SCALE_SIGNED, EDGEQ_ROWS_TWIN, "5", ""))
EDGEQ_ROWS_FUNCTION(edgeq_rows_2_fast,
                    EDGEQ_ROWS(EDGEQ_ROWS_BLOCK_2, EDGEQ_ROWS_ENTRY_FAST, EDGEQ_ROWS_SCALE_FAST, EDGEQ_ROWS_TWIN, "6", ", lsl #1"))
EDGEQ_ROWS_FUNCTION(edgeq_rows_2_signed,
                    EDGEQ_ROWS(EDGEQ_ROWS_BLOCK_2, EDGEQ_ROWS_ENTRY_SIGNED, EDGEQ_ROWS_SCALE_SIGNED, EDGEQ_ROWS_TWIN, "6", ", lsl #1"))

EDGEQ_INLINE void edgeq_depthwise_rows(const edgeq_rows *p, int32_t stride, edgeq_form form)
{
    if (form == EDGEQ_SIGNED) {
        if (stride == 1) {
            edgeq_rows_1_signed(p);
        } else {
            edgeq_rows_2_signed(p);
        }
    } else if (stride == 1) {
        edgeq_rows_1_fast(p);
    } else {
        edgeq_rows_2_fast(p);
    }
}

#else /* on another machine: what they compute, in C */
#include "edgeq_depthwise_rows_dsp_emulated.h"
#endif

#endif

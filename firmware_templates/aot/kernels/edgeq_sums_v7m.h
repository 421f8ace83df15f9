/* How sums of two halfwords are added up, for Armv7-M. */
#ifndef EDGEQ_SUMS_V7M_H
#define EDGEQ_SUMS_V7M_H

/* Four words below lr: to r0-r3 as they are, to r4-r7 their upper halfwords. r8, r10-r12 are lost. */
#define EDGEQ_ADD_SUMS                        \
    "ldmdb lr!, {r8, r10, r11, r12}\n\t"     \
    "add r0, r0, r8\n\t"                     \
    "add r1, r1, r10\n\t"                    \
    "add r2, r2, r11\n\t"                    \
    "add r3, r3, r12\n\t"                    \
    "add r4, r4, r8, asr #16\n\t"            \
    "add r5, r5, r10, asr #16\n\t"           \
    "add r6, r6, r11, asr #16\n\t"           \
    "add r7, r7, r12, asr #16\n\t"

#endif

/* Requantization as the assembly of the loops has it, for Armv7-M: an entry, and a sum's byte. Multiplier r8, addend r10,
 * shift in the lower byte of r11, which is what a shift by a register reads, correction r12; r9 and lr are lost. */
#ifndef EDGEQ_REQUANTIZE_V7M_H
#define EDGEQ_REQUANTIZE_V7M_H

#define EDGEQ_ASSEMBLY static __attribute__((naked, noinline, unused)) void

#define EDGEQ_ENTRY_FAST(place)           \
    "ldrd r8, r11, [" place "]\n\t"     \
    "asr r10, r11, #8\n\t"
#define EDGEQ_ENTRY_SIGNED(place) "ldmia " place ", {r8, r10, r11, r12}\n\t"

#define EDGEQ_REQUANTIZE_BY(x, shift)    \
    "smull lr, " x ", " x ", r8\n\t"    \
    "add " x ", " x ", r10\n\t"         \
    "asr " x ", " x ", " shift "\n\t"   \
    "ssat " x ", #8, " x "\n\t"
#define EDGEQ_REQUANTIZE_FAST(x) EDGEQ_REQUANTIZE_BY(x, "r11")
#define EDGEQ_REQUANTIZE_SIGNED(x)        \
    "and r9, r12, " x ", asr #31\n\t"    \
    "smull lr, " x ", " x ", r8\n\t"     \
    "add r9, r9, r10\n\t"                \
    "add " x ", " x ", r9\n\t"           \
    "asr " x ", " x ", r11\n\t"          \
    "ssat " x ", #8, " x "\n\t"

#endif

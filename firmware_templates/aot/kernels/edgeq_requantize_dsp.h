/* Requantization as the assembly of the loops has it, for cores with the DSP extension: an entry, and a sum's byte. The fast
 * form has its shift in the lower byte of r9, which is what a shift by a register reads, and its addend in r10; the signed
 * form has addend r9, shift r10, correction r11, and also takes lr. The multiplier is in r8. */
#ifndef EDGEQ_REQUANTIZE_DSP_H
#define EDGEQ_REQUANTIZE_DSP_H

#define EDGEQ_ASSEMBLY static __attribute__((naked, noinline, unused)) void

#define EDGEQ_TEXT(x) EDGEQ_TEXT_OF(x)
#define EDGEQ_TEXT_OF(x) #x

#define EDGEQ_ENTRY_FAST(place)          \
    "ldrd r8, r9, [" place "]\n\t"     \
    "asr r10, r9, #8\n\t"
#define EDGEQ_ENTRY_SIGNED(place) "ldm " place ", {r8, r9, r10, r11}\n\t"

#define EDGEQ_REQUANTIZE_BY(x, multiplier, addend, shift)        \
    "smmla " x ", " x ", " multiplier ", " addend "\n\t"        \
    "asr " x ", " x ", " shift "\n\t"                           \
    "ssat " x ", #8, " x "\n\t"
#define EDGEQ_REQUANTIZE_FAST(x) EDGEQ_REQUANTIZE_BY(x, "r8", "r10", "r9")
#define EDGEQ_REQUANTIZE_SIGNED(x)      \
    "and lr, r11, " x ", asr #31\n\t"  \
    "smmla " x ", " x ", r8, r9\n\t"   \
    "add " x ", " x ", lr\n\t"         \
    "asr " x ", " x ", r10\n\t"        \
    "ssat " x ", #8, " x "\n\t"

#endif

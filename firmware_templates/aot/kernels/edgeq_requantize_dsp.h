/* Requantization as the assembly of the loops has it, for cores with the DSP extension: multiplier r8, addend r9, shift
 * r10, correction r11; the signed form also takes lr. */
#ifndef EDGEQ_REQUANTIZE_DSP_H
#define EDGEQ_REQUANTIZE_DSP_H

#define EDGEQ_ASSEMBLY static __attribute__((naked, noinline, unused)) void

#define EDGEQ_TEXT(x) EDGEQ_TEXT_OF(x)
#define EDGEQ_TEXT_OF(x) #x

#define EDGEQ_REQUANTIZE_FAST(x)      \
    "smmla " x ", " x ", r8, r9\n\t" \
    "asr " x ", " x ", r10\n\t"      \
    "ssat " x ", #8, " x "\n\t"
#define EDGEQ_REQUANTIZE_SIGNED(x)      \
    "and lr, r11, " x ", asr #31\n\t"  \
    "smmla " x ", " x ", r8, r9\n\t"   \
    "add " x ", " x ", lr\n\t"         \
    "asr " x ", " x ", r10\n\t"        \
    "ssat " x ", #8, " x "\n\t"

#endif

/* One channel of one of Winograd's tiles: from its sums to 4x4 bytes, for cores with the DSP extension. */
#ifndef EDGEQ_WINOGRAD_OUTPUTS_DSP_H
#define EDGEQ_WINOGRAD_OUTPUTS_DSP_H

#include <stdint.h>

#include "edgeq_arith.h"
#include "edgeq_requantize_dsp.h"
#include "edgeq_winograd_outputs.h"

#if defined(__ARM_FEATURE_DSP)

#define EDGEQ_WINOGRAD_FAST(x)         \
    "smmla " x ", " x ", r2, r12\n\t" \
    "asr " x ", " x ", r5\n\t"        \
    "ssat " x ", #8, " x "\n\t"
#define EDGEQ_WINOGRAD_SIGNED(x)          \
    "and r10, r7, " x ", asr #31\n\t"    \
    "smmla " x ", " x ", r2, r12\n\t"    \
    "add " x ", " x ", r10\n\t"          \
    "asr " x ", " x ", r5\n\t"           \
    "ssat " x ", #8, " x "\n\t"

EDGEQ_ASSEMBLY edgeq_winograd_outputs_fast(const edgeq_winograd_tile *tile __attribute__((unused)))
{
    __asm__ volatile(EDGEQ_WINOGRAD_OUTPUTS(EDGEQ_WINOGRAD_ENTRY_FAST, EDGEQ_WINOGRAD_FAST));
}

EDGEQ_ASSEMBLY edgeq_winograd_outputs_signed(const edgeq_winograd_tile *tile __attribute__((unused)))
{
    __asm__ volatile(EDGEQ_WINOGRAD_OUTPUTS(EDGEQ_WINOGRAD_ENTRY_SIGNED, EDGEQ_WINOGRAD_SIGNED));
}

#else /* on another machine: what it computes, in C */
#include "edgeq_winograd_outputs_emulated.h"
#endif

#endif

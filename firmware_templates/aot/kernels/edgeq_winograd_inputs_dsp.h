/* Four channels of one of Winograd's tiles: from 6x6 inputs to 36 positions, for cores with the DSP extension. */
#ifndef EDGEQ_WINOGRAD_INPUTS_DSP_H
#define EDGEQ_WINOGRAD_INPUTS_DSP_H

#include <stdint.h>

#include "edgeq_requantize_dsp.h"
#include "edgeq_winograd_inputs.h"

#if defined(__ARM_FEATURE_DSP)

#define EDGEQ_WINOGRAD_EVEN(x) "sxtab16 " x ", lr, " x "\n\t"
#define EDGEQ_WINOGRAD_ODD(x) "sxtab16 " x ", lr, " x ", ror #8\n\t"

EDGEQ_ASSEMBLY edgeq_winograd_positions(const int8_t *from __attribute__((unused)),
                                        int32_t row __attribute__((unused)), int32_t step __attribute__((unused)),
                                        uint32_t *words __attribute__((unused)))
{
    __asm__ volatile(EDGEQ_WINOGRAD_POSITIONS_OF("#0x00800080", EDGEQ_WINOGRAD_EVEN, EDGEQ_WINOGRAD_ODD));
}

#else /* on another machine: what it computes, in C */
#include "edgeq_winograd_inputs_emulated.h"
#endif

#endif

/* Four channels of one of Winograd's tiles: from 6x6 inputs to 36 positions, for Armv7-M. */
#ifndef EDGEQ_WINOGRAD_INPUTS_V7M_H
#define EDGEQ_WINOGRAD_INPUTS_V7M_H

#include <stdint.h>

#include "edgeq_requantize_v7m.h"
#include "edgeq_winograd_inputs.h"

#if defined(__ARM_ARCH_ISA_THUMB) && __ARM_ARCH_ISA_THUMB == 2

#define EDGEQ_WINOGRAD_EVEN(x) "eor " x ", " x ", #0x80808080\n\tand " x ", lr, " x "\n\t"
#define EDGEQ_WINOGRAD_ODD(x) "eor " x ", " x ", #0x80808080\n\tand " x ", lr, " x ", lsr #8\n\t"

EDGEQ_ASSEMBLY edgeq_winograd_positions(const int8_t *from __attribute__((unused)),
                                        int32_t row __attribute__((unused)), int32_t step __attribute__((unused)),
                                        uint32_t *words __attribute__((unused)))
{
    __asm__ volatile(EDGEQ_WINOGRAD_POSITIONS_OF("#0x00ff00ff", EDGEQ_WINOGRAD_EVEN, EDGEQ_WINOGRAD_ODD));
}

#else /* on another machine: what it computes, in C */
#include "edgeq_winograd_inputs_emulated.h"
#endif

#endif

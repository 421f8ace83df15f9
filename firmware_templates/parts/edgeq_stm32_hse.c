/* The external source of the clock (HSE), whose bits in RCC_CR are the same in every family here. */
#include "edgeq_board.h"
#include "edgeq_stm32.h"

#define RCC_CR_HSEON (1u << 16)
#define RCC_CR_HSERDY (1u << 17)
#define RCC_CR_HSEBYP (1u << 18)

int edgeq_stm32_start_source(volatile uint32_t *rcc_cr)
{
#if EDGEQ_CLOCK_SOURCE_HZ > 0
#if !EDGEQ_CLOCK_FROM_CRYSTAL
    *rcc_cr &= ~RCC_CR_HSEON; /* a boot ROM may have left it on; only off it takes the bypass */
    (void)edgeq_stm32_wait(rcc_cr, RCC_CR_HSERDY, 0);
    *rcc_cr |= RCC_CR_HSEBYP;
#endif
    *rcc_cr |= RCC_CR_HSEON;
    return edgeq_stm32_wait(rcc_cr, RCC_CR_HSERDY, RCC_CR_HSERDY);
#else
    (void)rcc_cr;
    return 1;
#endif
}

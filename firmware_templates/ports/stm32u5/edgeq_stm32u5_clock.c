/* The clock of STM32U5, RM0456, by whichever regulator it started with. */
#include "edgeq_board.h"
#include "edgeq_stm32.h"

#define RCC_CR REGISTER(0x46020C00u)
#define RCC_CFGR1 REGISTER(0x46020C1Cu)
#define RCC_CFGR2 REGISTER(0x46020C20u)
#define RCC_CFGR3 REGISTER(0x46020C24u)
#define RCC_PLL1CFGR REGISTER(0x46020C28u)
#define RCC_PLL1DIVR REGISTER(0x46020C34u)
#define RCC_AHB3ENR REGISTER(0x46020C94u)
#define PWR_VOSR REGISTER(0x4602080Cu)
#define PWR_SVMCR REGISTER(0x46020810u)
#define FLASH_ACR REGISTER(0x40022000u)
#define ICACHE_CR REGISTER(0x40030400u)
#define ICACHE_SR REGISTER(0x40030404u)

#define RCC_CR_HSION (1u << 8)
#define RCC_CR_HSIRDY (1u << 10)
#define RCC_CR_PLL1ON (1u << 24)
#define RCC_CR_PLL1RDY (1u << 25)
#define RCC_CFGR1_SW(value) ((value) << 0)
#define RCC_CFGR1_SWS(value) ((value) << 2)
#define RCC_PLL1CFGR_PLL1SRC(value) ((value) << 0)
#define RCC_PLL1CFGR_PLL1RGE(value) ((value) << 2)
#define RCC_PLL1CFGR_PLL1M(value) ((value) << 8)
#define RCC_PLL1CFGR_PLL1MBOOST(value) ((value) << 12)
#define RCC_PLL1CFGR_PLL1REN (1u << 18)
#define RCC_PLL1DIVR_PLL1N(value) ((value) << 0)
#define RCC_PLL1DIVR_PLL1P(value) ((value) << 9)
#define RCC_PLL1DIVR_PLL1Q(value) ((value) << 16)
#define RCC_PLL1DIVR_PLL1R(value) ((value) << 24)
#define RCC_AHB3ENR_PWREN (1u << 2)
#define PWR_VOSR_BOOSTRDY (1u << 14)
#define PWR_VOSR_VOSRDY (1u << 15)
#define PWR_VOSR_VOS(value) ((value) << 16)
#define PWR_VOSR_BOOSTEN (1u << 18)
#define PWR_SVMCR_IO2SV (1u << 29)
#define FLASH_ACR_LATENCY(value) ((value) << 0)
#define FLASH_ACR_PRFTEN (1u << 8)
#define ICACHE_CR_EN (1u << 0)
#define ICACHE_SR_BUSYF (1u << 0)

#define MSI_HZ 4000000u /* what it starts with */
#define HSI_HZ 16000000u
#define HSI 1u /* of SW and SWS */
#define PLL 3u
#define RANGE_1 3u /* of VOS */
#define WAIT_STATES 4u /* "Number of wait states": range 1, up to 160 MHz */

#if EDGEQ_CLOCK_SOURCE_HZ > 0
#define SOURCE_HZ EDGEQ_CLOCK_SOURCE_HZ
#define PLL_SOURCE 3u
#else
#define SOURCE_HZ HSI_HZ
#define PLL_SOURCE 2u
#endif
#if SOURCE_HZ != 4000000 && SOURCE_HZ != 8000000 && SOURCE_HZ != 16000000
#error "clock.source_hz is 4, 8 or 16 MHz"
#endif

/* The source goes into the PLL, and to the booster, as it is: both take 4 to 16 MHz. 320 MHz, and half for the core. */
#define PLL_RANGE (SOURCE_HZ > 8000000u ? 3u : 0u)

/* From MSI, or from what a boot ROM left. */
static int start_internal(void)
{
    RCC_CR |= RCC_CR_HSION;
    if (!edgeq_stm32_wait(&RCC_CR, RCC_CR_HSIRDY, RCC_CR_HSIRDY)) {
        return 0;
    }
    RCC_CFGR1 = RCC_CFGR1_SW(HSI);
    if (!edgeq_stm32_wait(&RCC_CFGR1, RCC_CFGR1_SWS(3u), RCC_CFGR1_SWS(HSI))) {
        RCC_CFGR1 = 0;
        return 0;
    }
    RCC_CFGR2 = 0; /* no bus divided */
    RCC_CFGR3 = 0;
    RCC_CR &= ~RCC_CR_PLL1ON;
    (void)edgeq_stm32_wait(&RCC_CR, RCC_CR_PLL1RDY, 0);
    return 1;
}

/* "Dynamic voltage scaling management": range 1, then its booster, which beats with the PLL's source. */
static int start_range(void)
{
    PWR_VOSR |= PWR_VOSR_VOS(RANGE_1);
    if (!edgeq_stm32_wait(&PWR_VOSR, PWR_VOSR_VOSRDY, PWR_VOSR_VOSRDY)) {
        return 0;
    }
    RCC_PLL1CFGR = RCC_PLL1CFGR_PLL1SRC(PLL_SOURCE) | RCC_PLL1CFGR_PLL1RGE(PLL_RANGE) | RCC_PLL1CFGR_PLL1M(0u) |
                   RCC_PLL1CFGR_PLL1MBOOST(0u);
    PWR_VOSR |= PWR_VOSR_BOOSTEN;
    return edgeq_stm32_wait(&PWR_VOSR, PWR_VOSR_BOOSTRDY, PWR_VOSR_BOOSTRDY);
}

static int start_pll(void)
{
    RCC_PLL1DIVR = RCC_PLL1DIVR_PLL1N(2u * (EDGEQ_CLOCK_HZ / SOURCE_HZ) - 1u) | RCC_PLL1DIVR_PLL1P(1u) |
                   RCC_PLL1DIVR_PLL1Q(1u) | RCC_PLL1DIVR_PLL1R(1u);
    RCC_PLL1CFGR |= RCC_PLL1CFGR_PLL1REN;
    RCC_CR |= RCC_CR_PLL1ON;
    return edgeq_stm32_wait(&RCC_CR, RCC_CR_PLL1RDY, RCC_CR_PLL1RDY);
}

uint32_t edgeq_stm32_start_clock(void)
{
    RCC_AHB3ENR |= RCC_AHB3ENR_PWREN;
    (void)RCC_AHB3ENR;
#if EDGEQ_CONSOLE_TX_PORT == 6 || EDGEQ_CONSOLE_RX_PORT == 6
    PWR_SVMCR |= PWR_SVMCR_IO2SV; /* PG2 to PG15 are supplied by VDDIO2, which is there */
#endif
    (void)edgeq_stm32_wait(&ICACHE_SR, ICACHE_SR_BUSYF, 0);
    ICACHE_CR |= ICACHE_CR_EN;
    if (!start_internal()) {
        return MSI_HZ;
    }
    if (!edgeq_stm32_start_source(&RCC_CR) || !start_range()) {
        return HSI_HZ;
    }
    FLASH_ACR = FLASH_ACR_PRFTEN | FLASH_ACR_LATENCY(WAIT_STATES);
    if (!edgeq_stm32_wait(&FLASH_ACR, FLASH_ACR_LATENCY(15u), FLASH_ACR_LATENCY(WAIT_STATES)) || !start_pll()) {
        return HSI_HZ;
    }
    RCC_CFGR1 = RCC_CFGR1_SW(PLL);
    if (!edgeq_stm32_wait(&RCC_CFGR1, RCC_CFGR1_SWS(3u), RCC_CFGR1_SWS(PLL))) {
        RCC_CFGR1 = RCC_CFGR1_SW(HSI);
        return HSI_HZ;
    }
    return EDGEQ_CLOCK_HZ;
}

/* The clock of STM32L4 and L4+, RM0432 and RM0351. */
#include "edgeq_board.h"
#include "edgeq_stm32.h"

#define RCC_CR REGISTER(0x40021000u)
#define RCC_CFGR REGISTER(0x40021008u)
#define RCC_PLLCFGR REGISTER(0x4002100Cu)
#define RCC_APB1ENR1 REGISTER(0x40021058u)
#define PWR_CR1 REGISTER(0x40007000u)
#define PWR_CR2 REGISTER(0x40007004u)
#define PWR_SR2 REGISTER(0x40007014u)
#define PWR_CR5 REGISTER(0x40007080u)
#define FLASH_ACR REGISTER(0x40022000u)

#define RCC_CR_HSION (1u << 8)
#define RCC_CR_HSIRDY (1u << 10)
#define RCC_CR_PLLON (1u << 24)
#define RCC_CR_PLLRDY (1u << 25)
#define RCC_CFGR_SW(value) ((value) << 0)
#define RCC_CFGR_SWS(value) ((value) << 2)
#define RCC_CFGR_HPRE(value) ((value) << 4)
#define RCC_PLLCFGR_PLLSRC(value) ((value) << 0)
#define RCC_PLLCFGR_PLLM(value) ((value) << 4)
#define RCC_PLLCFGR_PLLN(value) ((value) << 8)
#define RCC_PLLCFGR_PLLREN (1u << 24)
#define RCC_PLLCFGR_PLLR(value) ((value) << 25)
#define RCC_APB1ENR1_PWREN (1u << 28)
#define PWR_CR1_VOS(value) ((value) << 9)
#define PWR_CR2_IOSV (1u << 9)
#define PWR_SR2_VOSF (1u << 10)
#define PWR_CR5_R1MODE (1u << 8)
#define FLASH_ACR_LATENCY(value) ((value) << 0)
#define FLASH_ACR_PRFTEN (1u << 8)
#define FLASH_ACR_ICEN (1u << 9)
#define FLASH_ACR_DCEN (1u << 10)

#define MSI_HZ 4000000u /* what it starts with */
#define HSI_HZ 16000000u
#define HSI 1u /* of SW and SWS */
#define PLL 3u
#define HALF 8u /* of HPRE */

#if EDGEQ_CLOCK_SOURCE_HZ > 0
#define SOURCE_HZ EDGEQ_CLOCK_SOURCE_HZ
#define PLL_SOURCE 3u
#else
#define SOURCE_HZ HSI_HZ
#define PLL_SOURCE 2u
#endif
#if SOURCE_HZ % 8000000 != 0 || SOURCE_HZ > 48000000
#error "clock.source_hz is a multiple of 8 MHz, up to 48"
#endif

/* 8 MHz into the PLL, whose oscillator makes 160 or 240 MHz, and half of it for the core. */
#define PLL_IN_HZ 8000000u

#if EDGEQ_CLOCK_HZ > 80000000
#define WAIT_STATES ((EDGEQ_CLOCK_HZ - 1u) / 20000000u) /* RM0432, "Number of wait states": range 1 boosted */
#else
#define WAIT_STATES ((EDGEQ_CLOCK_HZ - 1u) / 16000000u) /* RM0351, likewise: range 1 */
#endif

/* From MSI, or from what a boot ROM left. */
static int start_internal(void)
{
    RCC_CR |= RCC_CR_HSION;
    if (!edgeq_stm32_wait(&RCC_CR, RCC_CR_HSIRDY, RCC_CR_HSIRDY)) {
        return 0;
    }
    RCC_CFGR = RCC_CFGR_SW(HSI);
    if (!edgeq_stm32_wait(&RCC_CFGR, RCC_CFGR_SWS(3u), RCC_CFGR_SWS(HSI))) {
        RCC_CFGR = 0;
        return 0;
    }
    RCC_CR &= ~RCC_CR_PLLON;
    (void)edgeq_stm32_wait(&RCC_CR, RCC_CR_PLLRDY, 0);
    return 1;
}

/* Range 1; beyond 80 MHz boosted, which only L4+ has (RM0432, "Dynamic voltage scaling management"). */
static int start_range(void)
{
    PWR_CR1 = (PWR_CR1 & ~PWR_CR1_VOS(3u)) | PWR_CR1_VOS(1u);
    if (!edgeq_stm32_wait(&PWR_SR2, PWR_SR2_VOSF, 0)) {
        return 0;
    }
#if EDGEQ_CLOCK_HZ > 80000000
    PWR_CR5 &= ~PWR_CR5_R1MODE;
#endif
    return 1;
}

static int start_pll(void)
{
    RCC_PLLCFGR = RCC_PLLCFGR_PLLSRC(PLL_SOURCE) | RCC_PLLCFGR_PLLM(SOURCE_HZ / PLL_IN_HZ - 1u) |
                  RCC_PLLCFGR_PLLN(2u * (EDGEQ_CLOCK_HZ / PLL_IN_HZ)) | RCC_PLLCFGR_PLLR(0u);
    RCC_CR |= RCC_CR_PLLON;
    RCC_PLLCFGR |= RCC_PLLCFGR_PLLREN;
    return edgeq_stm32_wait(&RCC_CR, RCC_CR_PLLRDY, RCC_CR_PLLRDY);
}

uint32_t edgeq_stm32_start_clock(void)
{
    RCC_APB1ENR1 |= RCC_APB1ENR1_PWREN;
    (void)RCC_APB1ENR1;
#if EDGEQ_CONSOLE_TX_PORT == 6 || EDGEQ_CONSOLE_RX_PORT == 6
    PWR_CR2 |= PWR_CR2_IOSV; /* PG2 to PG15 are supplied by VDDIO2, which is there */
#endif
    if (!start_internal()) {
        return MSI_HZ;
    }
    FLASH_ACR = FLASH_ACR_PRFTEN | FLASH_ACR_ICEN | FLASH_ACR_DCEN | FLASH_ACR_LATENCY(WAIT_STATES);
    if (!edgeq_stm32_wait(&FLASH_ACR, FLASH_ACR_LATENCY(7u), FLASH_ACR_LATENCY(WAIT_STATES)) || !start_range() ||
        !edgeq_stm32_start_source(&RCC_CR) || !start_pll()) {
        return HSI_HZ;
    }
    /* Beyond 80 MHz by way of half of it, for 1 us (the same section): no harm below. */
    RCC_CFGR = RCC_CFGR_HPRE(HALF) | RCC_CFGR_SW(PLL);
    if (!edgeq_stm32_wait(&RCC_CFGR, RCC_CFGR_SWS(3u), RCC_CFGR_SWS(PLL))) {
        RCC_CFGR = RCC_CFGR_SW(HSI);
        return HSI_HZ;
    }
    for (volatile uint32_t turns = EDGEQ_CLOCK_HZ / 4000000u; turns > 0u; --turns) {
    }
    RCC_CFGR = RCC_CFGR_SW(PLL);
    return EDGEQ_CLOCK_HZ;
}

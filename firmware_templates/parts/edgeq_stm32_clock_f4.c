/* The clock of STM32F4 and STM32F7, whose RCC, PWR and FLASH differ in little: RM0090 (F405, F407, F42x), RM0390
 * (F446), RM0368 (F401), RM0383 (F411), RM0385 (F74x). VDD is 2.7 V to 3.6 V. */
#include "edgeq_board.h"
#include "edgeq_stm32.h"
#include "edgeq_stm32_family.h"

#define RCC_CR REGISTER(0x40023800u)
#define RCC_PLLCFGR REGISTER(0x40023804u)
#define RCC_CFGR REGISTER(0x40023808u)
#define RCC_APB1ENR REGISTER(0x40023840u)
#define PWR_CR REGISTER(0x40007000u) /* CR1 and CSR1 in the F7's manual */
#define PWR_CSR REGISTER(0x40007004u)

#define RCC_CR_HSION (1u << 0)
#define RCC_CR_HSIRDY (1u << 1)
#define RCC_CR_PLLON (1u << 24)
#define RCC_CR_PLLRDY (1u << 25)
#define RCC_PLLCFGR_PLLM(value) ((value) << 0)
#define RCC_PLLCFGR_PLLN(value) ((value) << 6)
#define RCC_PLLCFGR_PLLP(value) ((value) << 16)
#define RCC_PLLCFGR_PLLSRC (1u << 22)
#define RCC_PLLCFGR_PLLQ(value) ((value) << 24)
#define RCC_CFGR_SW(value) ((value) << 0)
#define RCC_CFGR_SWS(value) ((value) << 2)
#define RCC_CFGR_PPRE1(value) ((value) << 10)
#define RCC_CFGR_PPRE2(value) ((value) << 13)
#define RCC_APB1ENR_PWREN (1u << 28)
#define PWR_CR_VOS(value) ((value) << 14)
#define PWR_CR_ODEN (1u << 16)
#define PWR_CR_ODSWEN (1u << 17)
#define PWR_CSR_VOSRDY (1u << 14)
#define PWR_CSR_ODRDY (1u << 16)
#define PWR_CSR_ODSWRDY (1u << 17)

#define HSI_HZ 16000000u
#define PLL 2u          /* of SW and SWS */
#define DIVIDED_BY_4 5u /* of PPRE1 and PPRE2 */
#define DIVIDED_BY_2 4u

#if EDGEQ_CLOCK_SOURCE_HZ > 0
#define SOURCE_HZ EDGEQ_CLOCK_SOURCE_HZ
#define PLL_SOURCE RCC_PLLCFGR_PLLSRC
#else
#define SOURCE_HZ HSI_HZ
#define PLL_SOURCE 0u
#endif
#if SOURCE_HZ % 1000000 != 0 || SOURCE_HZ < 2000000 || SOURCE_HZ > 50000000
#error "clock.source_hz is 2 to 50 MHz, in whole MHz"
#endif

/* 1 MHz into the PLL; its oscillator makes 192 to 432 MHz, which is allowed in all of them. */
#define PLL_M (SOURCE_HZ / 1000000u)
#if EDGEQ_CLOCK_HZ < 96000000
#define PLL_P 4u
#else
#define PLL_P 2u
#endif
#define PLL_N (PLL_P * (EDGEQ_CLOCK_HZ / 1000000u))
#define PLL_Q ((PLL_N + 47u) / 48u) /* at most 48 MHz */

/* One wait state more for every 30 MHz ("Relation between CPU clock frequency and flash memory read time"). */
#define WAIT_STATES ((EDGEQ_CLOCK_HZ - 1u) / 30000000u)

/* The scale that the clock wants. F401 has its 84 MHz at scale 2, and no scale 1 (RM0368, PWR_CR); F405 and F407 have
 * one bit, the lower (RM0090, PWR_CR). */
#if EDGEQ_CLOCK_HZ <= 84000000
#define SCALE 2u
#elif EDGEQ_CLOCK_HZ == 168000000
#define SCALE (1u | (PWR_CR >> 14 & 2u))
#else
#define SCALE 3u
#endif

/* A boot ROM that jumped here may have left its own clock on. */
static void start_internal(void)
{
    RCC_CR |= RCC_CR_HSION;
    (void)edgeq_stm32_wait(&RCC_CR, RCC_CR_HSIRDY, RCC_CR_HSIRDY);
    RCC_CFGR = 0;
    (void)edgeq_stm32_wait(&RCC_CFGR, RCC_CFGR_SWS(3u), 0);
    RCC_CR &= ~RCC_CR_PLLON;
    (void)edgeq_stm32_wait(&RCC_CR, RCC_CR_PLLRDY, 0);
}

/* "Entering Over-drive mode": with the PLL on, and before it is the system's clock. */
static int start_overdrive(void)
{
#if EDGEQ_CLOCK_HZ > 168000000
    PWR_CR |= PWR_CR_ODEN;
    if (!edgeq_stm32_wait(&PWR_CSR, PWR_CSR_ODRDY, PWR_CSR_ODRDY)) {
        return 0;
    }
    PWR_CR |= PWR_CR_ODSWEN;
    return edgeq_stm32_wait(&PWR_CSR, PWR_CSR_ODSWRDY, PWR_CSR_ODSWRDY);
#else
    return 1;
#endif
}

static int start_pll(void)
{
    RCC_APB1ENR |= RCC_APB1ENR_PWREN;
    (void)RCC_APB1ENR;
    PWR_CR = (PWR_CR & ~PWR_CR_VOS(3u)) | PWR_CR_VOS(SCALE);
    RCC_PLLCFGR = RCC_PLLCFGR_PLLM(PLL_M) | RCC_PLLCFGR_PLLN(PLL_N) | RCC_PLLCFGR_PLLP(PLL_P / 2u - 1u) | PLL_SOURCE |
                  RCC_PLLCFGR_PLLQ(PLL_Q) | RCC_PLLCFGR_REST;
    RCC_CR |= RCC_CR_PLLON;
    /* The scale is taken over when the PLL is on. */
    return edgeq_stm32_wait(&RCC_CR, RCC_CR_PLLRDY, RCC_CR_PLLRDY) && start_overdrive() &&
           edgeq_stm32_wait(&PWR_CSR, PWR_CSR_VOSRDY, PWR_CSR_VOSRDY);
}

uint32_t edgeq_stm32_start_clock(void)
{
    start_internal();
    FLASH_ACR = FLASH_ACR_ACCELERATED | FLASH_ACR_LATENCY(WAIT_STATES);
    if (!edgeq_stm32_start_source(&RCC_CR) || !start_pll() ||
        !edgeq_stm32_wait(&FLASH_ACR, FLASH_ACR_LATENCY(15u), FLASH_ACR_LATENCY(WAIT_STATES))) {
        return HSI_HZ;
    }
    RCC_CFGR = RCC_CFGR_PPRE1(DIVIDED_BY_4) | RCC_CFGR_PPRE2(DIVIDED_BY_2);
    RCC_CFGR |= RCC_CFGR_SW(PLL);
    if (!edgeq_stm32_wait(&RCC_CFGR, RCC_CFGR_SWS(3u), RCC_CFGR_SWS(PLL))) {
        RCC_CFGR = 0;
        return HSI_HZ;
    }
    return EDGEQ_CLOCK_HZ;
}

/* The clock of STM32H743 and its like, RM0433, supplied by the internal LDO. 400 MHz for the core, 200 MHz for
 * AXI and AHB, 100 MHz for every APB: what voltage scale 1 allows in all revisions of the silicon (DS12110, general
 * operating conditions). */
#include "edgeq_board.h"
#include "edgeq_stm32.h"

#define RCC_CR REGISTER(0x58024400u)
#define RCC_CFGR REGISTER(0x58024410u)
#define RCC_D1CFGR REGISTER(0x58024418u)
#define RCC_D2CFGR REGISTER(0x5802441Cu)
#define RCC_D3CFGR REGISTER(0x58024420u)
#define RCC_PLLCKSELR REGISTER(0x58024428u)
#define RCC_PLLCFGR REGISTER(0x5802442Cu)
#define RCC_PLL1DIVR REGISTER(0x58024430u)
#define PWR_CSR1 REGISTER(0x58024804u)
#define PWR_CR3 REGISTER(0x5802480Cu)
#define PWR_D3CR REGISTER(0x58024818u)
#define FLASH_ACR REGISTER(0x52002000u)

#define RCC_CR_HSION (1u << 0)
#define RCC_CR_HSIRDY (1u << 2)
#define RCC_CR_HSIDIV(value) ((value) << 3)
#define RCC_CR_PLL1ON (1u << 24)
#define RCC_CR_PLL1RDY (1u << 25)
#define RCC_CFGR_SW(value) ((value) << 0)
#define RCC_CFGR_SWS(value) ((value) << 3)
#define RCC_D1CFGR_HPRE(value) ((value) << 0)
#define RCC_D1CFGR_D1PPRE(value) ((value) << 4)
#define RCC_D1CFGR_D1CPRE(value) ((value) << 8)
#define RCC_D2CFGR_D2PPRE1(value) ((value) << 4)
#define RCC_D2CFGR_D2PPRE2(value) ((value) << 8)
#define RCC_D3CFGR_D3PPRE(value) ((value) << 4)
#define RCC_PLLCKSELR_PLLSRC(value) ((value) << 0)
#define RCC_PLLCKSELR_DIVM1(value) ((value) << 4)
#define RCC_PLLCFGR_PLL1RGE(value) ((value) << 2)
#define RCC_PLLCFGR_DIVP1EN (1u << 16)
#define RCC_PLL1DIVR_DIVN1(value) ((value) << 0)
#define RCC_PLL1DIVR_DIVP1(value) ((value) << 9)
#define PWR_CSR1_ACTVOSRDY (1u << 13)
#define PWR_CR3_BYPASS (1u << 0)
#define PWR_CR3_LDOEN (1u << 1)
#define PWR_CR3_SCUEN (1u << 2)
#define PWR_D3CR_VOSRDY (1u << 13)
#define PWR_D3CR_VOS(value) ((value) << 14)
#define FLASH_ACR_LATENCY(value) ((value) << 0)
#define FLASH_ACR_WRHIGHFREQ(value) ((value) << 4)

#define HSI_HZ 64000000u
#define PLL1 3u         /* of SW and SWS */
#define AHB_HALF 8u     /* of HPRE */
#define APB_HALF 4u     /* of the APBs' */
#define SCALE_1 3u      /* of VOS */
#define WAIT_STATES 2u  /* "recommended number of wait states and programming delay": 200 MHz of AXI, scale 1 */
#define PROGRAM_DELAY 2u

#if EDGEQ_CLOCK_SOURCE_HZ > 0
#define SOURCE_HZ EDGEQ_CLOCK_SOURCE_HZ
#define PLL_SOURCE 2u
#else
#define SOURCE_HZ HSI_HZ
#define PLL_SOURCE 0u
#endif

/* Into the PLL go 2 to 16 MHz, for its wide oscillator (192 to 836 MHz): 800 MHz here. */
#if SOURCE_HZ % 2000000 == 0 && SOURCE_HZ <= 126000000
#define PLL_IN_HZ 2000000u
#define PLL_RANGE 1u /* 2 to 4 MHz */
#elif SOURCE_HZ % 5000000 == 0
#define PLL_IN_HZ 5000000u
#define PLL_RANGE 2u /* 4 to 8 MHz */
#else
#error "clock.source_hz is a multiple of 2 or of 5 MHz"
#endif
#define PLL_P 2u

/* A boot ROM that jumped here may have left its own clock on. */
static void start_internal(void)
{
    RCC_CR = (RCC_CR & ~RCC_CR_HSIDIV(3u)) | RCC_CR_HSION;
    (void)edgeq_stm32_wait(&RCC_CR, RCC_CR_HSIRDY, RCC_CR_HSIRDY);
    RCC_CFGR = 0;
    (void)edgeq_stm32_wait(&RCC_CFGR, RCC_CFGR_SWS(7u), 0);
    RCC_D1CFGR = 0;
    RCC_D2CFGR = 0;
    RCC_D3CFGR = 0;
    RCC_CR &= ~RCC_CR_PLL1ON;
    (void)edgeq_stm32_wait(&RCC_CR, RCC_CR_PLL1RDY, 0);
}

/* "System supply startup": the kind of supply is to be said once before the scale may change. */
static int start_scale(void)
{
    PWR_CR3 = (PWR_CR3 & ~(PWR_CR3_BYPASS | PWR_CR3_SCUEN)) | PWR_CR3_LDOEN;
    if (!edgeq_stm32_wait(&PWR_CSR1, PWR_CSR1_ACTVOSRDY, PWR_CSR1_ACTVOSRDY)) {
        return 0;
    }
    PWR_D3CR |= PWR_D3CR_VOS(SCALE_1);
    return edgeq_stm32_wait(&PWR_D3CR, PWR_D3CR_VOSRDY, PWR_D3CR_VOSRDY);
}

static int start_pll(void)
{
    RCC_PLLCKSELR = RCC_PLLCKSELR_PLLSRC(PLL_SOURCE) | RCC_PLLCKSELR_DIVM1(SOURCE_HZ / PLL_IN_HZ);
    RCC_PLLCFGR = RCC_PLLCFGR_PLL1RGE(PLL_RANGE) | RCC_PLLCFGR_DIVP1EN;
    RCC_PLL1DIVR = RCC_PLL1DIVR_DIVN1(PLL_P * (EDGEQ_CLOCK_HZ / PLL_IN_HZ) - 1u) | RCC_PLL1DIVR_DIVP1(PLL_P - 1u) |
                   1u << 16 | 1u << 24; /* Q and R as after reset: off */
    RCC_CR |= RCC_CR_PLL1ON;
    return edgeq_stm32_wait(&RCC_CR, RCC_CR_PLL1RDY, RCC_CR_PLL1RDY);
}

uint32_t edgeq_stm32_start_clock(void)
{
    const uint32_t flash = FLASH_ACR_LATENCY(WAIT_STATES) | FLASH_ACR_WRHIGHFREQ(PROGRAM_DELAY);
    start_internal();
    if (!start_scale() || !edgeq_stm32_start_source(&RCC_CR) || !start_pll()) {
        return HSI_HZ;
    }
    FLASH_ACR = flash;
    if (!edgeq_stm32_wait(&FLASH_ACR, FLASH_ACR_LATENCY(7u), FLASH_ACR_LATENCY(WAIT_STATES))) {
        return HSI_HZ;
    }
    RCC_D1CFGR = RCC_D1CFGR_HPRE(AHB_HALF) | RCC_D1CFGR_D1PPRE(APB_HALF) | RCC_D1CFGR_D1CPRE(0u);
    RCC_D2CFGR = RCC_D2CFGR_D2PPRE1(APB_HALF) | RCC_D2CFGR_D2PPRE2(APB_HALF);
    RCC_D3CFGR = RCC_D3CFGR_D3PPRE(APB_HALF);
    RCC_CFGR = RCC_CFGR_SW(PLL1);
    if (!edgeq_stm32_wait(&RCC_CFGR, RCC_CFGR_SWS(7u), RCC_CFGR_SWS(PLL1))) {
        start_internal();
        return HSI_HZ;
    }
    return EDGEQ_CLOCK_HZ;
}

#include "edgeq_systick.h"

#ifndef EDGEQ_SYSTICK_REGISTER /* a test brings registers of its own */
#define EDGEQ_SYSTICK_REGISTER(address) (*(volatile uint32_t *)(address))
#endif

#define SYST_CSR EDGEQ_SYSTICK_REGISTER(0xE000E010u)
#define SYST_RVR EDGEQ_SYSTICK_REGISTER(0xE000E014u)
#define SYST_CVR EDGEQ_SYSTICK_REGISTER(0xE000E018u)
#define SCB_ICSR EDGEQ_SYSTICK_REGISTER(0xE000ED04u)

#define CSR_ENABLE (1u << 0)
#define CSR_TICKINT (1u << 1)
#define CSR_CLKSOURCE_CORE (1u << 2)
#define ICSR_PENDSTCLR (1u << 25)
#define ICSR_PENDSTSET (1u << 26)

enum { BITS = 24 };
#define MASK ((1u << BITS) - 1u)

static volatile uint32_t periods;

void edgeq_systick_start(void)
{
    SYST_CSR = 0;
    SYST_RVR = MASK;
    SYST_CVR = 0; /* whatever is written: it is now 0 */
    SCB_ICSR = ICSR_PENDSTCLR;
    periods = 0;
    SYST_CSR = CSR_ENABLE | CSR_TICKINT | CSR_CLKSOURCE_CORE;
}

/* It counts down, and becomes pending when it reaches 0, not when it goes on from there: with 0 a period begins. */
static uint32_t phase(void)
{
    return (0u - SYST_CVR) & MASK;
}

uint64_t edgeq_systick_cycles(void)
{
    uint32_t before, within, waits;
    do {
        before = periods;
        within = phase();
        waits = (SCB_ICSR & ICSR_PENDSTSET) != 0u;
        if (waits) {
            within = phase(); /* the first may have been read before the period's end, this one was not */
        }
    } while (periods != before);
    return ((uint64_t)before + waits) << BITS | within;
}

/* By limbs: 64-bit division is a library call. */
uint64_t edgeq_systick_micros(uint32_t mhz)
{
    const uint64_t cycles = edgeq_systick_cycles();
    uint64_t micros = 0;
    uint32_t remainder = 0;
    for (uint32_t shift = 64; shift > 0u;) {
        shift -= 16u;
        const uint32_t part = remainder << 16 | ((uint32_t)(cycles >> shift) & 0xFFFFu);
        micros = micros << 16 | part / mhz;
        remainder = part % mhz;
    }
    return micros;
}

void edgeq_systick_handler(void)
{
    ++periods;
}

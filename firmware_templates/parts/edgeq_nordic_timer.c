/* nRF51 Series Reference Manual 18; nRF52840 Product Specification 6.30, whose TIMER0 has these registers, too. */
#include "edgeq_nordic_timer.h"

#define REGISTER(address) (*(volatile uint32_t *)(address))

#define TIMER0_TASKS_START REGISTER(0x40008000u)
#define TIMER0_TASKS_STOP REGISTER(0x40008004u)
#define TIMER0_TASKS_CLEAR REGISTER(0x4000800Cu)
#define TIMER0_TASKS_CAPTURE0 REGISTER(0x40008040u)
#define TIMER0_EVENTS_COMPARE1 REGISTER(0x40008144u)
#define TIMER0_INTENSET REGISTER(0x40008304u)
#define TIMER0_MODE REGISTER(0x40008504u)
#define TIMER0_BITMODE REGISTER(0x40008508u)
#define TIMER0_PRESCALER REGISTER(0x40008510u)
#define TIMER0_CC0 REGISTER(0x40008540u)
#define TIMER0_CC1 REGISTER(0x40008544u)

#define NVIC_ISER REGISTER(0xE000E100u)

#define BITMODE_32 3u
#define COMPARE1 (1u << 17)

/* Between interrupts: who waits for a byte looks at the time then, and each turn of the 32 bits is seen. */
#define PERIOD (1u << 23)

static uint32_t wraps, latest;

void edgeq_timer_start(void)
{
    TIMER0_TASKS_STOP = 1;
    TIMER0_MODE = 0; /* timer */
    TIMER0_BITMODE = BITMODE_32;
    TIMER0_PRESCALER = 0; /* 16 MHz as they are */
    TIMER0_TASKS_CLEAR = 1;
    TIMER0_CC1 = PERIOD;
    TIMER0_EVENTS_COMPARE1 = 0;
    TIMER0_INTENSET = COMPARE1;
    NVIC_ISER = 1u << EDGEQ_TIMER_IRQ;
    TIMER0_TASKS_START = 1;
}

uint64_t edgeq_timer_ticks(void)
{
    uint32_t masked;
    __asm volatile("mrs %0, primask\n\tcpsid i" : "=r"(masked)::"memory");
    TIMER0_TASKS_CAPTURE0 = 1;
    const uint32_t now = TIMER0_CC0;
    if (now < latest) {
        ++wraps;
    }
    latest = now;
    const uint64_t all = (uint64_t)wraps << 32 | now;
    __asm volatile("msr primask, %0" ::"r"(masked) : "memory");
    return all;
}

/* The next one is counted from now: a debugger may have held the core for longer than a period. */
void edgeq_timer_interrupt(void)
{
    TIMER0_EVENTS_COMPARE1 = 0;
    TIMER0_CC1 = (uint32_t)edgeq_timer_ticks() + PERIOD;
}

/* The port of Arm's FPGA boards MPS2 and MPS3, as QEMU models them: APB UART, counters, and an end by semihosting.
 * Under -icount an instruction takes a fixed time, so the counters count instructions. docs/simulator.md. */
#include <stdint.h>

#include "edgeq_board.h"
#include "edgeq_mps_map.h"
#include "edgeq_port.h"
#include "edgeq_stack.h"

#define UART(offset) (*(volatile uint32_t *)(EDGEQ_UART_ADDRESS + (offset)))
#define FPGAIO(offset) (*(volatile uint32_t *)(EDGEQ_FPGAIO_ADDRESS + (offset)))

#define UART_DATA UART(0x00)
#define UART_STATE UART(0x04)
#define UART_CTRL UART(0x08)
#define UART_INTCLEAR UART(0x0C)
#define UART_BAUDDIV UART(0x10)
#define STATE_TX_FULL (1u << 0)
#define STATE_RX_FULL (1u << 1)
#define STATE_OVERRUNS (3u << 2) /* writing ones clears them */
#define CTRL_TX_ENABLE (1u << 0)
#define CTRL_RX_ENABLE (1u << 1)
#define CTRL_RX_INTERRUPT (1u << 3)
#define INT_RX (1u << 1)

#define HUNDREDTHS FPGAIO(0x14) /* of a second */
#define TICKS FPGAIO(0x18)
#define PRESCALE FPGAIO(0x1C)
#define TICK_NANOSECONDS (1000000000u / EDGEQ_FPGAIO_HZ)
#define INSTRUCTION_NANOSECONDS (1u << EDGEQ_INSTRUCTION_SHIFT)

_Static_assert(TICK_NANOSECONDS <= INSTRUCTION_NANOSECONDS, "a tick must be no longer than an instruction");

#define MPU_CTRL (*(volatile uint32_t *)0xE000ED94u)
#define MPU_RNR (*(volatile uint32_t *)0xE000ED98u)
#define MPU_RBAR (*(volatile uint32_t *)0xE000ED9Cu)
#define MPU_RASR (*(volatile uint32_t *)0xE000EDA0u)
#define MPU_ENABLE_OVER_DEFAULT 5u /* PRIVDEFENA: what no region says is as without it */
#define MPU_NO_ACCESS_1K (1u << 28 | 9u << 1 | 1u) /* execute never, access to nobody, 2 to the 10 bytes, enabled */
#define GUARD_BYTES 1024u

#define SYST_CSR (*(volatile uint32_t *)0xE000E010u)
#define SYST_RVR (*(volatile uint32_t *)0xE000E014u)
#define SYST_CVR (*(volatile uint32_t *)0xE000E018u)
#define SCB_ICSR (*(volatile uint32_t *)0xE000ED04u)
#define SYST_CSR_ASKS 7u /* enabled, with its interrupt, by the core's clock */
#define ICSR_PENDSTCLR (1u << 25)
#define LONGEST_SLEEP 0xFFFFFFu /* cycles: within a second */

#define NVIC(offset) (*(volatile uint32_t *)(0xE000E000u + (offset) + EDGEQ_UART_IRQ / 32u * 4u))
#define NVIC_ISER NVIC(0x100u)
#define NVIC_ICER NVIC(0x180u)
#define NVIC_ICPR NVIC(0x280u)
#define NVIC_UART (1u << EDGEQ_UART_IRQ % 32u)

#define WAITS 0xFFFFFFFFu /* minutes: the host may be slow to read */

#define SYS_EXIT_EXTENDED 0x20u
#define APPLICATION_EXIT 0x20026u
#define EXIT_HALTED 3u /* edgeq/targets/simulators/qemu_target.py knows it */

const char edgeq_port_counter_unit[] = "instructions";
uint32_t edgeq_port_hz = 0; /* time is made of instructions: no clock of a board can be told from it */

/* Below RAM some machines read 0 and ignore writes, and stack overflow would go unseen. */
static void guard_stack(void)
{
#if __ARM_ARCH == 7
    MPU_RNR = 0;
    MPU_RBAR = (uint32_t)(uintptr_t)edgeq_stack_bottom - GUARD_BYTES;
    MPU_RASR = MPU_NO_ACCESS_1K;
    MPU_CTRL = MPU_ENABLE_OVER_DEFAULT;
    __asm volatile("dsb\n\tisb" ::: "memory");
#endif
}

void edgeq_port_init(void)
{
    guard_stack();
    UART_BAUDDIV = (EDGEQ_UART_HZ + EDGEQ_CONSOLE_BAUD / 2u) / EDGEQ_CONSOLE_BAUD;
    UART_CTRL = CTRL_TX_ENABLE | CTRL_RX_ENABLE | CTRL_RX_INTERRUPT;
    PRESCALE = 0;
    TICKS = 0; /* before the other: a part of a second must not be found to be negative */
    HUNDREDTHS = 0;
}

int edgeq_port_read(void)
{
    const uint32_t state = UART_STATE;
    UART_STATE = state & STATE_OVERRUNS;
    return state & STATE_RX_FULL ? (int)(UART_DATA & 0xFFu) : -1;
}

void edgeq_port_write(const uint8_t *data, uint32_t n)
{
    for (uint32_t i = 0; i < n; ++i) {
        for (uint32_t waits = 0; (UART_STATE & STATE_TX_FULL) != 0u && waits < WAITS; ++waits) {
        }
        UART_DATA = data[i];
    }
}

/* Sleeps until a byte comes, or for a part of a second. WFI wakes for an interrupt that is enabled, pending and masked,
 * and neither is ever taken: nothing that is counted has one in it, and QEMU holds back the bytes that it has no room for. */
void edgeq_port_idle(void)
{
    __asm volatile("cpsid i" ::: "memory");
    UART_INTCLEAR = INT_RX;
    NVIC_ICPR = NVIC_UART; /* what an earlier byte left pending */
    NVIC_ISER = NVIC_UART;
    SYST_RVR = LONGEST_SLEEP;
    SYST_CVR = 0;
    SYST_CSR = SYST_CSR_ASKS;
    if ((UART_STATE & STATE_RX_FULL) == 0u) {
        __asm volatile("dsb\n\twfi" ::: "memory");
    }
    SYST_CSR = 0;
    SCB_ICSR = ICSR_PENDSTCLR;
    NVIC_ICER = NVIC_UART;
    __asm volatile("dsb\n\tisb\n\tcpsie i" ::: "memory");
}

/* The counter's 32 bits last for minutes; which of its periods it is, the slower one tells. */
static uint32_t ticks_since(uint32_t hundredths)
{
    return TICKS - hundredths * (EDGEQ_FPGAIO_HZ / 100u);
}

uint64_t edgeq_port_micros(void)
{
    const uint32_t hundredths = HUNDREDTHS;
    return (uint64_t)hundredths * 10000u + ticks_since(hundredths) / (EDGEQ_FPGAIO_HZ / 1000000u);
}

static uint32_t hundredths_before, ticks_before;

void edgeq_port_counter_start(void)
{
    hundredths_before = HUNDREDTHS;
    __asm volatile("" ::: "memory"); /* what is measured stays between the two reads */
    ticks_before = TICKS;
    __asm volatile("" ::: "memory");
}

uint64_t edgeq_port_counter_stop(void)
{
    __asm volatile("" ::: "memory");
    const uint32_t ticks = TICKS;
    __asm volatile("" ::: "memory");
    const uint32_t hundredths = HUNDREDTHS - hundredths_before;
    /* as many whole periods of the counter as bring it within half a period of what the slower one says */
    const uint64_t about = (uint64_t)hundredths * (EDGEQ_FPGAIO_HZ / 100u);
    const uint64_t passed = about + (uint64_t)(int64_t)(int32_t)(ticks - ticks_before - (uint32_t)about);
    return (passed * TICK_NANOSECONDS + INSTRUCTION_NANOSECONDS / 2u) >> EDGEQ_INSTRUCTION_SHIFT;
}

void edgeq_port_halt(void)
{
    static const uint32_t how[2] = {APPLICATION_EXIT, EXIT_HALTED};
    for (;;) {
        register uint32_t operation __asm("r0") = SYS_EXIT_EXTENDED;
        register const uint32_t *parameters __asm("r1") = how;
        __asm volatile("bkpt 0xAB" : "+r"(operation) : "r"(parameters) : "memory");
    }
}

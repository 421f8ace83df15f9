/* The port of the simulated boards. docs/simulator.md documents the device at 0x40000000. */
#include <stdint.h>

#include "edgeq_port.h"

#define REGISTER(offset) (*(volatile uint32_t *)(0x40000000u + (offset)))

#define UART_WAIT REGISTER(0x04)
#define UART_RX_ADDRESS REGISTER(0x08)
#define UART_RX_LENGTH REGISTER(0x0C)
#define UART_TX_ADDRESS REGISTER(0x10)
#define UART_TX_LENGTH REGISTER(0x14)
#define COUNTER_CONTROL REGISTER(0x20)
#define COUNTER_LOW REGISTER(0x24)
#define COUNTER_HIGH REGISTER(0x28)
#define MICROS_LOW REGISTER(0x30)
#define MICROS_HIGH REGISTER(0x34)
#define HALT REGISTER(0x40)

const char edgeq_port_counter_unit[] = "instructions";
uint32_t edgeq_port_hz = 0; /* time is the host's: no clock of a board can be told from it */

/* Bytes are fetched in blocks: every access to the device costs as much as thousands of instructions. */
static uint8_t received[256];
static uint32_t taken, filled;

void edgeq_port_init(void)
{
}

int edgeq_port_read(void)
{
    if (taken == filled) {
        UART_RX_ADDRESS = (uint32_t)(uintptr_t)received;
        UART_RX_LENGTH = sizeof received;
        taken = 0;
        filled = UART_RX_LENGTH;
        if (filled == 0u) {
            return -1;
        }
    }
    return ((const volatile uint8_t *)received)[taken++];
}

void edgeq_port_write(const uint8_t *data, uint32_t n)
{
    __asm volatile("" ::: "memory"); /* the device reads the buffer: it must be in memory by now */
    UART_TX_ADDRESS = (uint32_t)(uintptr_t)data;
    UART_TX_LENGTH = n;
}

void edgeq_port_idle(void)
{
    if (taken == filled) {
        UART_WAIT = 1;
    }
}

uint64_t edgeq_port_micros(void)
{
    const uint32_t low = MICROS_LOW; /* latches the high word */
    return (uint64_t)MICROS_HIGH << 32 | low;
}

void edgeq_port_counter_start(void)
{
    __asm volatile("" ::: "memory"); /* what is measured stays between the two stores */
    COUNTER_CONTROL = 1;
    __asm volatile("" ::: "memory");
}

uint64_t edgeq_port_counter_stop(void)
{
    __asm volatile("" ::: "memory");
    COUNTER_CONTROL = 0;
    const uint32_t low = COUNTER_LOW;
    return (uint64_t)COUNTER_HIGH << 32 | low;
}

void edgeq_port_halt(void)
{
    for (;;) {
        HALT = 1;
    }
}

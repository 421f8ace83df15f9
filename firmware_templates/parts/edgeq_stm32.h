/* What the ports for STM32 share. Each brings edgeq_stm32_family.h: where its GPIO is, and which generation its UARTs
 * are of. Names of registers and fields are the reference manuals'; a test compares them with another source. */
#ifndef EDGEQ_STM32_H
#define EDGEQ_STM32_H

#include <stdint.h>

#define REGISTER(address) (*(volatile uint32_t *)(address))

/* Turns of a bounded wait, at 4 to 64 MHz: at least 20 ms, more than any oscillator, PLL or regulator needs. */
#define EDGEQ_STM32_TURNS 200000u

/* Waits until the masked bits of a register have that value; whether that came. */
int edgeq_stm32_wait(volatile uint32_t *at, uint32_t mask, uint32_t value);

/* Starts the crystal or the signal that the board brings; whether it runs. True where the source is internal. */
int edgeq_stm32_start_source(volatile uint32_t *rcc_cr);

/* The family's: from whatever runs to EDGEQ_CLOCK_HZ, or back to an internal oscillator with undivided buses.
 * Returns the core's clock. */
uint32_t edgeq_stm32_start_clock(void);

#endif

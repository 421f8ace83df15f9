/* TIMER0 of nRF51 and nRF52 in 64 bits: 16 MHz, also while the core sleeps. */
#ifndef EDGEQ_NORDIC_TIMER_H
#define EDGEQ_NORDIC_TIMER_H

#include <stdint.h>

#define EDGEQ_TIMER_IRQ 8

/* Counts from 0 on, and asks for its interrupt about twice a second. */
void edgeq_timer_start(void);

/* Sixteenths of a microsecond since the start; never fewer than before. */
uint64_t edgeq_timer_ticks(void);

/* The interrupt. */
void edgeq_timer_interrupt(void);

#endif

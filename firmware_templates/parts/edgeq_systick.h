/* The core's cycles in 64 bits, from the 24 bits of SysTick. The same on every Cortex-M (Arm DDI 0403E.e B3.3 for v7-M,
 * DDI 0419E B3.3 for v6-M, DDI 0553 for v8-M). */
#ifndef EDGEQ_SYSTICK_H
#define EDGEQ_SYSTICK_H

#include <stdint.h>

/* Counts the core's clock from 0 on; once that clock has its final frequency. */
void edgeq_systick_start(void);

/* Cycles since the start: 56 bits of them, and never fewer than before, also where interrupts are masked or this is
 * called in another handler, as long as that lasts for less than 2^24 cycles. */
uint64_t edgeq_systick_cycles(void);

/* The same time in microseconds, where the core makes `mhz` cycles (1 to 65535) in each. */
uint64_t edgeq_systick_micros(uint32_t mhz);

/* The exception's vector: start-up code has it in its table. */
void edgeq_systick_handler(void);

#endif

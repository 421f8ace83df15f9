/* What a port gives to the firmware: bytes in and out, time, a counter. One port per family of chips. */
#ifndef EDGEQ_PORT_H
#define EDGEQ_PORT_H

#include <stdint.h>

/* Sets up clock, console and counter. Called once, before anything else here. */
void edgeq_port_init(void);

/* The next byte from the console, 0 to 255, or -1 when none has come. Never waits. */
int edgeq_port_read(void);

/* Sends n bytes; returns when the console has taken them. */
void edgeq_port_write(const uint8_t *data, uint32_t n);

/* May wait until a byte comes, for about a second; may also return at once. */
void edgeq_port_idle(void);

/* Microseconds since some moment in the past; never goes back. */
uint64_t edgeq_port_micros(void);

/* Counts what edgeq_port_counter_unit names between start and stop. */
void edgeq_port_counter_start(void);
uint64_t edgeq_port_counter_stop(void);
extern const char edgeq_port_counter_unit[]; /* "instructions", "cycles" or "none" */

/* The core's clock, from edgeq_port_init on: what was reached, not what was asked for. 0 where it is not known or means
 * nothing. */
extern uint32_t edgeq_port_hz;

/* Ends the firmware after a fault has been reported. Does not return. */
__attribute__((noreturn)) void edgeq_port_halt(void);

/* Bytes reserved for the stack, and the most that was ever used of them. 0 where that is not known. */
uint32_t edgeq_stack_size(void);
uint32_t edgeq_stack_high_water(void);

#endif

/* The stack lies at the bottom of RAM, so that overflow runs out of RAM and faults instead of eating data. */
#ifndef EDGEQ_STACK_H
#define EDGEQ_STACK_H

#include <stdint.h>

/* What start-up fills the stack with; the lowest word that has changed marks the high water. */
#define EDGEQ_STACK_PAINT 0xEDCE57ACu

extern uint32_t edgeq_stack_bottom[], edgeq_stack_top[]; /* from the linker script */

#endif

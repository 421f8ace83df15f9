/* What came while nobody read. The receiver's interrupt puts bytes in, the firmware takes them out; neither waits for
 * the other. They lie behind all variables, in as much of EDGEQ_CONSOLE_RING bytes as RAM has left there (linker.ld). */
#ifndef EDGEQ_RECEIVED_H
#define EDGEQ_RECEIVED_H

#include <stdint.h>

/* How many bytes can wait. */
uint32_t edgeq_received_most(void);

/* In the interrupt; a byte that there is no room for is lost. */
void edgeq_received_put(uint8_t byte);

/* The oldest one, 0 to 255; -1 where none waits. */
int edgeq_received_take(void);

/* Whether one waits. */
int edgeq_received_any(void);

/* Of the chip's interrupts: a port has an array of them in section ".edgeq_interrupts". */
typedef void (*edgeq_vector)(void);

/* Has the core take interrupt `irq` from now on. */
static inline void edgeq_received_enable(uint32_t irq)
{
    *(volatile uint32_t *)(0xE000E100u + irq / 32u * 4u) = 1u << (irq % 32u); /* NVIC_ISER */
}

/* Sleeps until an interrupt comes, unless a byte waits. WFI wakes for one that is masked, too, so none is missed
 * between the question and the sleep (ARMv6-M and ARMv7-M Architecture Reference Manuals, B1.5). */
static inline void edgeq_received_wait(void)
{
    __asm volatile("cpsid i" ::: "memory");
    if (!edgeq_received_any()) {
        __asm volatile("dsb\n\twfi" ::: "memory");
    }
    __asm volatile("cpsie i\n\tisb" ::: "memory");
}

#endif

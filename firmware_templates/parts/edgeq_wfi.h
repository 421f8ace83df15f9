/* Sleeps until a byte may have come. The receiver's interrupt is never taken: WFI wakes for one that is enabled and
 * pending, be it masked (ARMv6-M and ARMv7-M Architecture Reference Manuals, B1.5, "Wait For Interrupt"). So no
 * vector is needed, and what is pending cannot be missed. SysTick's interrupt wakes, too, and is taken after. */
#ifndef EDGEQ_WFI_H
#define EDGEQ_WFI_H

#include <stdint.h>

#define EDGEQ_NVIC(offset, irq) (*(volatile uint32_t *)(0xE000E000u + (offset) + (irq) / 32u * 4u))

/* The UART must be set up to ask for the interrupt as long as has_byte is true. */
static inline void edgeq_wfi_unless(int (*has_byte)(void), uint32_t irq)
{
    const uint32_t bit = 1u << (irq % 32u);
    __asm volatile("cpsid i" ::: "memory");
    EDGEQ_NVIC(0x280u, irq) = bit; /* what an earlier byte left pending */
    EDGEQ_NVIC(0x100u, irq) = bit;
    if (!has_byte()) {
        __asm volatile("dsb\n\twfi" ::: "memory");
    }
    EDGEQ_NVIC(0x180u, irq) = bit;
    __asm volatile("dsb\n\tisb\n\tcpsie i" ::: "memory");
}

#endif

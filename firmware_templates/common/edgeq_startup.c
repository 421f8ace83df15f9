/* From reset to main: vector table, FPU, stack paint, .data and .bss. Every Cortex-M. */
#include <stdint.h>

#include "edgeq_stack.h"

typedef void (*edgeq_vector)(void);

extern uint32_t edgeq_data_start[], edgeq_data_end[], edgeq_data_load[]; /* from the linker script */
extern uint32_t edgeq_bss_start[], edgeq_bss_end[];

int main(void);
void edgeq_reset(void);
void edgeq_fault_entry(void); /* edgeq_fault.c */
void edgeq_systick_handler(void); /* the port's; linker.ld */

extern const edgeq_vector edgeq_vectors[16];

#define SCB_VTOR (*(volatile uint32_t *)0xE000ED08u)
#define SCB_SHCSR (*(volatile uint32_t *)0xE000ED24u)
#define SCB_CPACR (*(volatile uint32_t *)0xE000ED88u)

#define SHCSR_FAULTS_ENABLED (7u << 16) /* MemManage, BusFault, UsageFault by their own names */
#define CPACR_FPU_FULL_ACCESS (0xFu << 20)

/* Words of the stack below this function's own frame that it leaves unpainted. */
#define PAINT_MARGIN 32u

__attribute__((noreturn)) void edgeq_reset(void)
{
#if __ARM_ARCH >= 7 || defined(__ARM_ARCH_8M_MAIN__)
    SCB_VTOR = (uint32_t)(uintptr_t)edgeq_vectors;
    SCB_SHCSR |= SHCSR_FAULTS_ENABLED;
#endif
#if defined(__ARM_FP)
    SCB_CPACR |= CPACR_FPU_FULL_ACCESS;
    __asm volatile("dsb\n\tisb" ::: "memory");
#endif
    uint32_t *sp;
    __asm volatile("mov %0, sp" : "=r"(sp));
    for (volatile uint32_t *p = edgeq_stack_bottom; p < sp - PAINT_MARGIN; p++) {
        *p = EDGEQ_STACK_PAINT;
    }
    const volatile uint32_t *from = edgeq_data_load;
    for (volatile uint32_t *p = edgeq_data_start; p < edgeq_data_end; p++) {
        *p = *from++;
    }
    for (volatile uint32_t *p = edgeq_bss_start; p < edgeq_bss_end; p++) {
        *p = 0u;
    }
    (void)main();
    for (;;) {
    }
}

/* The first word, the initial stack pointer, is no function; the linker script's symbol is typed as one here. */
__attribute__((section(".edgeq_vectors"), used)) const edgeq_vector edgeq_vectors[16] = {
    (edgeq_vector)(void *)edgeq_stack_top,
    edgeq_reset,
    edgeq_fault_entry, /* NMI */
    edgeq_fault_entry, /* HardFault */
    edgeq_fault_entry, /* MemManage */
    edgeq_fault_entry, /* BusFault */
    edgeq_fault_entry, /* UsageFault */
    edgeq_fault_entry, /* SecureFault */
    0,
    0,
    0,
    edgeq_fault_entry, /* SVCall */
    edgeq_fault_entry, /* DebugMonitor */
    0,
    edgeq_fault_entry, /* PendSV */
    edgeq_systick_handler,
};

/* How much of the stack was ever used, by the paint that is left. */
#include "edgeq_stack.h"

#include "edgeq_port.h"

uint32_t edgeq_stack_size(void)
{
    return (uint32_t)((uintptr_t)edgeq_stack_top - (uintptr_t)edgeq_stack_bottom);
}

uint32_t edgeq_stack_high_water(void)
{
    const volatile uint32_t *p = edgeq_stack_bottom;
    while (p < edgeq_stack_top && *p == EDGEQ_STACK_PAINT) {
        p++;
    }
    return (uint32_t)((uintptr_t)edgeq_stack_top - (uintptr_t)p);
}

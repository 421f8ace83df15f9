/* Arm DDI 0403, cache maintenance operations; DDI 0489 for this core: lines of 32 bytes, four ways of data. */
#include "edgeq_cache_m7.h"

#include <stdint.h>

#define REGISTER(address) (*(volatile uint32_t *)(address))

#define SCB_CCR REGISTER(0xE000ED14u)
#define SCB_CCSIDR REGISTER(0xE000ED80u)
#define SCB_CSSELR REGISTER(0xE000ED84u)
#define SCB_ICIALLU REGISTER(0xE000EF50u)
#define SCB_DCISW REGISTER(0xE000EF60u)

#define CCR_DC (1u << 16)
#define CCR_IC (1u << 17)

static void barrier(void)
{
    __asm volatile("dsb\n\tisb" ::: "memory");
}

void edgeq_cache_start(void)
{
    barrier();
    SCB_ICIALLU = 0;
    barrier();
    SCB_CCR |= CCR_IC;
    barrier();
    if ((SCB_CCR & CCR_DC) != 0u) {
        return; /* what it holds may be nowhere else */
    }
    SCB_CSSELR = 0; /* level 1, data */
    barrier();
    const uint32_t size = SCB_CCSIDR, sets = (size >> 13) & 0x7FFFu, ways = (size >> 3) & 0x3FFu; /* less 1 */
    for (uint32_t set = 0; set <= sets; ++set) {
        for (uint32_t way = 0; way <= ways; ++way) {
            SCB_DCISW = set << 5 | way << 30;
        }
    }
    barrier();
    SCB_CCR |= CCR_DC;
    barrier();
}

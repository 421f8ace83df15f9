/* edgeq_systick.c on a model of SysTick that moves on by a step at every access, and takes its interrupt, where it is
 * not masked, before one. Compares every reading with the model's own time. Prints what was tried, or what was wrong. */
#include <stdint.h>
#include <stdio.h>

static volatile uint32_t *model_register(uint32_t address);
#define EDGEQ_SYSTICK_REGISTER(address) (*model_register(address))
#include "edgeq_systick.c"

enum { PERIOD = 1 << 24 };

static uint64_t now, step; /* clocks since CVR was written */
static int running, masked, pending, in_handler;
static volatile uint32_t csr, rvr, cvr, icsr;

static void advance(uint64_t clocks)
{
    const uint64_t before = now;
    now += running ? clocks : 0u;
    if (before / PERIOD != now / PERIOD) {
        pending = 1;
    }
    if (pending && !masked && !in_handler) {
        in_handler = 1;
        pending = 0;
        edgeq_systick_handler();
        in_handler = 0;
    }
}

static volatile uint32_t *model_register(uint32_t address)
{
    if (!running && (csr & 7u) == 7u && rvr == PERIOD - 1) {
        running = 1; /* as the store to CSR before this access asked */
    }
    advance(step);
    /* From 0 the next clock loads RVR: 0, RVR, RVR - 1, …, 1, 0. */
    cvr = now % PERIOD == 0u ? 0u : (uint32_t)(PERIOD - now % PERIOD);
    icsr = pending ? 1u << 26 : 0u;
    switch (address) {
    case 0xE000E010u:
        return &csr;
    case 0xE000E014u:
        return &rvr;
    case 0xE000E018u:
        return &cvr;
    default:
        return &icsr;
    }
}

static unsigned long tried;

static int check(void)
{
    const uint64_t first = now, cycles = edgeq_systick_cycles();
    ++tried;
    if (cycles < first || cycles > now) {
        printf("between %llu and %llu it says %llu (step %llu, masked %d)\n", (unsigned long long)first,
               (unsigned long long)now, (unsigned long long)cycles, (unsigned long long)step, masked);
        return 1;
    }
    return 0;
}

int main(void)
{
    edgeq_systick_start();
    if (csr != 7u || rvr != PERIOD - 1) {
        printf("not started\n");
        return 1;
    }
    (void)edgeq_systick_cycles();
    for (step = 0; step < 6u; ++step) {
        for (uint64_t lead = 0; lead < 80u; ++lead) {
            advance(PERIOD - now % PERIOD - lead / 2u); /* up to the edge */
            masked = (int)(lead % 2u);
            for (int reading = 0; reading < 40; ++reading) {
                if (check()) {
                    return 1;
                }
                advance(1);
            }
            masked = 0;
            advance(1);
        }
    }
    step = 0;
    for (uint32_t mhz = 1; mhz < 65536u; mhz = mhz * 2u + 1u) {
        const uint64_t micros = edgeq_systick_micros(mhz), wanted = now / mhz;
        if (micros != wanted) {
            printf("%llu cycles at %u MHz: %llu\n", (unsigned long long)now, mhz, (unsigned long long)micros);
            return 1;
        }
        advance((uint64_t)mhz * 12345u % PERIOD);
    }
    printf("%lu readings\n", tried);
    return 0;
}

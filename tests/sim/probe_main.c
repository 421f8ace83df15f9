/* Firmware that does what the byte sent to it says: counting, its stack, and every way to go wrong. */
#include <stdint.h>

#include "edgeq_mem.h"
#include "edgeq_port.h"

typedef void (*function)(void);

__attribute__((section(".rodata.edgeq_weights"))) const uint8_t probe_weights[1000] = {1, 2, 3};
static uint8_t edgeq_arena[64] __attribute__((aligned(16)));
uint8_t probe_a[1024], probe_b[1024];
volatile uint32_t probe_zero;         /* .bss */
volatile uint32_t probe_seven = 7;    /* .data */
volatile float probe_float = 1.5f;

static void say(const char *text)
{
    uint32_t n = 0;
    while (text[n] != '\0') {
        n++;
    }
    edgeq_port_write((const uint8_t *)text, n);
}

static void say_number(uint64_t value)
{
    char text[24];
    uint32_t at = sizeof text - 1u;
    text[at] = '\0';
    do {
        text[--at] = (char)('0' + (char)(value % 10u));
        value /= 10u;
    } while (value != 0u);
    say(text + at);
    say("\n");
}

__attribute__((noinline)) uint32_t probe_recurse(uint32_t depth, uint32_t limit)
{
    volatile uint32_t frame[16];
    frame[0] = depth;
    if (depth == limit) {
        return frame[0];
    }
    const uint32_t below = probe_recurse(depth + 1u, limit);
    __asm volatile("" : : "r"(frame) : "memory"); /* no tail call, no loop instead */
    return below + frame[0];
}

__attribute__((noinline)) uint32_t probe_work(uint32_t n)
{
    uint32_t sum = 0;
    for (uint32_t i = 0; i < n; i++) {
        probe_a[i & 1023u] = (uint8_t)(sum >> 3);
        if ((sum & 5u) == 1u) {
            sum ^= i * 77777u;
        } else {
            sum += (i << 5) / (probe_seven + (i & 3u));
        }
    }
    memcpy(probe_b, probe_a, 1000);
    return sum;
}

__attribute__((noinline)) void probe_call(uint32_t address)
{
    ((function)(uintptr_t)address)();
    __asm volatile(""); /* no tail call */
}

static void count(uint32_t n)
{
    edgeq_port_counter_start();
    const uint32_t result = probe_work(n);
    const uint64_t counted = edgeq_port_counter_stop();
    probe_zero = result;
    probe_zero = 0;
    say_number(counted);
}

__attribute__((noinline)) void probe_fault(int what)
{
    switch (what) {
    case 'n':
        probe_call(probe_zero);
        break;
    case 'x':
        probe_call((uint32_t)(uintptr_t)edgeq_arena | 1u);
        break;
    case 'w':
        *(volatile uint32_t *)(uintptr_t)probe_weights = 1;
        break;
    case 'r':
        say_number(*(volatile uint32_t *)(uintptr_t)(probe_zero + 0x10u));
        break;
    case 'u':
        __asm volatile("udf #3");
        break;
    case 'v':
        __asm volatile("svc #3");
        break;
    case 'b':
        __asm volatile("bkpt #3");
        break;
    case 'o':
        say_number(probe_recurse(0, probe_zero - 1u));
        break;
    case 'd':
        edgeq_port_write((const uint8_t *)0x10, 4);
        break;
    default:
        break;
    }
}

__attribute__((noinline)) void probe_hang(void)
{
    for (;;) {
        __asm volatile("");
    }
}

int main(void)
{
    edgeq_port_init();
    say("hello\n");
    for (;;) {
        const int c = edgeq_port_read();
        if (c < 0) {
            edgeq_port_idle();
            continue;
        }
        switch (c) {
        case 'c':
            count(100);
            break;
        case 'C':
            count(5000);
            break;
        case 's':
            say_number(edgeq_stack_size());
            say_number(edgeq_stack_high_water());
            break;
        case 'S':
            say_number(probe_recurse(0, 10));
            break;
        case 'm':
            say_number(probe_zero);
            say_number(probe_seven++);
            say_number(probe_weights[2]);
            break;
        case 'f':
            probe_float = probe_float * 2.0f;
            say_number((uint64_t)probe_float);
            break;
        case 't':
            say_number(edgeq_port_micros());
            break;
        case 'l':
            probe_hang();
            break;
        case 'p':
            for (;;) {
                edgeq_port_write(probe_a, sizeof probe_a);
            }
        case 'R':
            *(volatile uint32_t *)0xE000ED0Cu = 0x05FA0004u;
            break;
        case 'n':
        case 'x':
        case 'w':
        case 'r':
        case 'u':
        case 'v':
        case 'b':
        case 'o':
        case 'd':
            probe_fault(c);
            break;
        default: {
            const uint8_t echoed = (uint8_t)c;
            edgeq_arena[0] = echoed;
            edgeq_port_write(edgeq_arena, 1);
            break;
        }
        }
    }
}

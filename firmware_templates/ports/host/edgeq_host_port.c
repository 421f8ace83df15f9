/* The port of a native process: the console is standard input and output. */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "edgeq_port.h"

const char edgeq_port_counter_unit[] = "none";
uint32_t edgeq_port_hz = 0;

static uint8_t received[4096];
static uint32_t taken, filled;

void edgeq_port_init(void)
{
}

/* Waits for a byte up to milliseconds; the process ends with its input. */
static void fill(int milliseconds)
{
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    if (poll(&input, 1, milliseconds) <= 0) {
        return;
    }
    const ssize_t n = read(STDIN_FILENO, received, sizeof received);
    if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN)) {
        exit(0);
    }
    taken = 0;
    filled = n > 0 ? (uint32_t)n : 0u;
}

int edgeq_port_read(void)
{
    if (taken == filled) {
        fill(0);
    }
    return taken == filled ? -1 : received[taken++];
}

void edgeq_port_write(const uint8_t *data, uint32_t n)
{
    while (n > 0u) {
        const ssize_t written = write(STDOUT_FILENO, data, n);
        if (written > 0) {
            data += written;
            n -= (uint32_t)written;
        } else if (errno != EINTR && errno != EAGAIN) {
            exit(0); /* nobody listens any more */
        }
    }
}

void edgeq_port_idle(void)
{
    if (taken == filled) {
        fill(1000);
    }
}

uint64_t edgeq_port_micros(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

void edgeq_port_counter_start(void)
{
}

uint64_t edgeq_port_counter_stop(void)
{
    return 0;
}

void edgeq_port_halt(void)
{
    exit(1);
}

uint32_t edgeq_stack_size(void)
{
    return 0;
}

uint32_t edgeq_stack_high_water(void)
{
    return 0;
}

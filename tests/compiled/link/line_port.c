/* The port of a device that lives in simulated time, in step with a simulated line (line.py). Over standard input come
 * turns: the time up to which the device may go on, and what arrives on the line, when. Over standard output goes what
 * it sends, when, and how far it came. It is out of work, and ends its turn, when that time is reached. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "edgeq_port.h"

enum { MOST = 1 << 20, POLL = 20000 };

const char edgeq_port_counter_unit[] = "none";
uint32_t edgeq_port_hz = 0;

static uint64_t now, until, byte_time; /* nanoseconds */
static uint8_t waiting[MOST];
static uint64_t arrival[MOST];
static uint32_t head, tail, room;

void edgeq_line_spend(uint64_t nanoseconds)
{
    now += nanoseconds;
}

static void get(void *to, size_t n)
{
    if (fread(to, 1, n, stdin) != n) {
        exit(0);
    }
}

static void put(uint64_t at, const void *data, uint32_t n)
{
    const uint64_t words[2] = {at, n};
    (void)fwrite(words, sizeof words, 1, stdout);
    (void)fwrite(data, 1, n, stdout);
    (void)fflush(stdout);
}

/* One more turn: until, then segments of (first arrival, bytes), the last of them without any. */
static void turn(void)
{
    uint64_t words[2];
    get(&until, sizeof until);
    for (;;) {
        get(words, sizeof words);
        if (words[1] == 0u) {
            return;
        }
        if (head == tail) {
            head = tail = 0;
        }
        if (tail + words[1] > MOST) {
            memmove(waiting, waiting + head, tail - head);
            memmove(arrival, arrival + head, (tail - head) * sizeof arrival[0]);
            tail -= head;
            head = 0;
        }
        get(waiting + tail, words[1]);
        for (uint64_t i = 0; i < words[1]; ++i) {
            arrival[tail++] = words[0] + i * byte_time;
        }
    }
}

void edgeq_port_init(void)
{
    byte_time = 10000000000u / strtoull(getenv("LINE_BAUD"), 0, 10);
    room = (uint32_t)strtoul(getenv("LINE_ROOM"), 0, 10);
    now = strtoull(getenv("LINE_START"), 0, 10);
    turn();
}

int edgeq_port_read(void)
{
    uint32_t came = head;
    while (came < tail && arrival[came] <= now) {
        ++came;
    }
    if (came - head > room) { /* a receiver that overran keeps what came first */
        const uint32_t lost = came - head - room;
        memmove(waiting + head + room, waiting + came, tail - came);
        memmove(arrival + head + room, arrival + came, (tail - came) * sizeof arrival[0]);
        tail -= lost;
    }
    if (came > head) {
        return waiting[head++];
    }
    if (now >= until) {
        put(now, "", 0);
        turn();
        return -1;
    }
    uint64_t next = now + POLL < until ? now + POLL : until;
    if (head < tail && arrival[head] < next) {
        next = arrival[head];
    }
    now = next;
    return -1;
}

void edgeq_port_write(const uint8_t *data, uint32_t n)
{
    put(now + byte_time, data, n);
    now += n * byte_time;
    turn();
}

void edgeq_port_idle(void)
{
}

uint64_t edgeq_port_micros(void)
{
    return now / 1000u;
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

#include "edgeq_received.h"

extern volatile uint8_t edgeq_received_start[], edgeq_received_end[]; /* from the linker script */

static volatile uint32_t head, tail; /* the next to be put and to be taken; each is written by one side alone */

static uint32_t size(void)
{
    return (uint32_t)((uintptr_t)edgeq_received_end - (uintptr_t)edgeq_received_start);
}

static uint32_t after(uint32_t at)
{
    return at + 1u == size() ? 0u : at + 1u;
}

uint32_t edgeq_received_most(void)
{
    return size() - 1u; /* full is one less than all: head at tail is empty */
}

void edgeq_received_put(uint8_t byte)
{
    const uint32_t next = after(head);
    if (next != tail) {
        edgeq_received_start[head] = byte;
        head = next;
    }
}

int edgeq_received_take(void)
{
    if (!edgeq_received_any()) {
        return -1;
    }
    const int byte = edgeq_received_start[tail];
    tail = after(tail);
    return byte;
}

int edgeq_received_any(void)
{
    return head != tail;
}

#include "edgeq_link.h"

#include "edgeq_port.h"

/* A sleep of more microseconds does not count: in QEMU, time leaps over it to the next interrupt. */
enum { MOST_SLEPT = 2000000 };

int edgeq_link_receive(uint32_t patience)
{
    uint32_t waited = 0;
    int byte = edgeq_port_read();
    while (byte < 0 && waited < patience) {
        const uint64_t since = edgeq_port_micros();
        if (patience > EDGEQ_LINK_PAUSE) {
            edgeq_port_idle();
        }
        byte = edgeq_port_read();
        if (patience != EDGEQ_LINK_FOR_EVER) {
            const uint64_t slept = edgeq_port_micros() - since;
            waited += slept < MOST_SLEPT ? (uint32_t)slept : 0u;
        }
    }
    return byte;
}

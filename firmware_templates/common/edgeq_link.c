#include "edgeq_link.h"

#include "edgeq_port.h"

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
            waited += (uint32_t)(edgeq_port_micros() - since);
        }
    }
    return byte;
}

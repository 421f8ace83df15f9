#include "edgeq_link.h"

#include "edgeq_port.h"

uint8_t edgeq_link_receive(void)
{
    int byte = edgeq_port_read();
    while (byte < 0) {
        edgeq_port_idle();
        byte = edgeq_port_read();
    }
    return (uint8_t)byte;
}

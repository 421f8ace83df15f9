/* Boots, says so before anything can go wrong, starts the runtime, and serves the link for ever. */
#include "edgeq_link.h"
#include "edgeq_port.h"
#include "edgeq_session.h"

uint8_t edgeq_link_receive(void)
{
    int byte = edgeq_port_read();
    while (byte < 0) {
        edgeq_port_idle();
        byte = edgeq_port_read();
    }
    return (uint8_t)byte;
}

int main(void)
{
    edgeq_port_init();
    edgeq_text_say("edgeq starts");
    if (edgeq_session_start() == 0) {
        edgeq_text_say("runtime ready");
    } else {
        edgeq_text_error("the runtime did not start");
    }
    edgeq_text_ready();
    edgeq_text_serve();
}

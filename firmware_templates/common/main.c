/* Boots, says so before anything can go wrong, starts the runtime, and serves the link for ever. */
#include "edgeq_port.h"
#include "edgeq_session.h"
#include "edgeq_text.h"

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

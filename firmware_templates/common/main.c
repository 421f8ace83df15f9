/* Boots, says so before anything can go wrong, starts the runtime, and serves the link for ever. */
#include "edgeq_link_config.h"
#include "edgeq_port.h"
#include "edgeq_session.h"
#include "edgeq_text.h"

#if EDGEQ_GOLDEN
#include "edgeq_golden.h"

static void replay(void)
{
    edgeq_text_say("golden vector"); /* it may take a while */
    if (edgeq_golden_replay() == 0) {
        edgeq_text_say("golden vector exact");
    } else {
        edgeq_text_error("golden vector: other outputs than the oracle's");
    }
}
#else
static void replay(void)
{
}
#endif

int main(void)
{
    edgeq_port_init();
    edgeq_text_say("edgeq starts");
    if (edgeq_session_start() == 0) {
        edgeq_text_say("runtime ready");
        replay();
    } else {
        edgeq_text_error("the runtime did not start");
    }
    edgeq_text_ready();
    edgeq_text_serve();
}

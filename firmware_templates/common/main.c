/* Boots, says so before anything can go wrong, starts the runtime, and serves the link for ever. */
#include "edgeq_link_config.h"
#include "edgeq_port.h"
#include "edgeq_say.h"

#if EDGEQ_LINK_TEXT
#include "edgeq_session.h"
#include "edgeq_text.h"
#else
#include "edgeq_runtime.h"

#define edgeq_session_start edgeq_runtime_init

/* The place of an application: inputs before, outputs after. Nobody else loads any without commands. */
static __attribute__((noreturn)) void edgeq_text_serve(void)
{
    (void)edgeq_runtime_invoke();
    for (;;) {
        edgeq_port_idle();
    }
}
#endif

#if EDGEQ_GOLDEN
#include "edgeq_golden.h"

static void replay(void)
{
    edgeq_say("golden vector"); /* it may take a while */
    if (edgeq_golden_replay() == 0) {
        edgeq_say("golden vector exact");
    } else {
        edgeq_say_error("golden vector: other outputs than the oracle's");
    }
}
#else
static void replay(void)
{
}
#endif

/* By itself: edgeq_reset with it could save registers of an FPU that is not on yet, and breakpoints want it. */
__attribute__((noinline, used)) int main(void)
{
    edgeq_port_init();
    edgeq_say("edgeq starts");
    if (edgeq_session_start() == 0) {
        edgeq_say("runtime ready");
        replay();
    } else {
        edgeq_say_error("the runtime did not start");
    }
    edgeq_say_ready();
    edgeq_text_serve();
}

#include "edgeq_session.h"

#include "edgeq_port.h"
#include "edgeq_runtime.h"
#include "edgeq_source.h"

static uint32_t input_now, offset_now; /* the next byte to come */
static uint8_t started, ran;

int edgeq_session_start(void)
{
    const int failure = edgeq_runtime_init();
    started = failure == 0;
    return failure;
}

int edgeq_session_is_started(void)
{
    return started;
}

uint32_t edgeq_session_input_bytes(void)
{
    uint32_t bytes = 0;
    for (uint32_t i = 0; i < edgeq_input_count(); ++i) {
        bytes += edgeq_source(i)->bytes;
    }
    return bytes;
}

void edgeq_session_rewind(void)
{
    input_now = 0;
    offset_now = 0;
    ran = 0;
}

int edgeq_session_reset(void)
{
    edgeq_session_rewind();
    return started ? edgeq_runtime_reset() : -1;
}

uint8_t *edgeq_session_place(uint32_t input, uint32_t offset, uint32_t n)
{
    if (input == 0u && offset == 0u) {
        edgeq_session_rewind();
    }
    if (!started || input >= edgeq_input_count() || input != input_now || offset != offset_now ||
        n > edgeq_source(input)->bytes - offset) {
        return 0;
    }
    return (uint8_t *)edgeq_source(input)->data + offset;
}

void edgeq_session_loaded(uint32_t n)
{
    offset_now += n;
    if (offset_now == edgeq_source(input_now)->bytes) {
        ++input_now;
        offset_now = 0;
    }
}

int edgeq_session_put(uint8_t byte)
{
    uint8_t *const to = edgeq_session_place(input_now, offset_now, 1);
    if (to == 0) {
        return 0;
    }
    *to = byte;
    edgeq_session_loaded(1);
    return 1;
}

int edgeq_session_is_loaded(void)
{
    return started && input_now == edgeq_input_count();
}

int edgeq_session_run(int measure, edgeq_run_cost *cost)
{
    const uint64_t before = edgeq_port_micros();
    if (measure) {
        edgeq_port_counter_start();
    }
    edgeq_source_compute();
    const int failure = edgeq_runtime_invoke();
    cost->count = measure ? edgeq_port_counter_stop() : 0u;
    cost->micros = edgeq_port_micros() - before;
    ran = failure == 0;
    input_now = 0;
    offset_now = 0;
    return failure;
}

int edgeq_session_repeat(void)
{
    ran = 0;
    edgeq_source_compute();
    return edgeq_runtime_invoke();
}

const uint8_t *edgeq_session_output(uint32_t output, uint32_t offset, uint32_t n)
{
    if (!ran || output >= edgeq_output_count()) {
        return 0;
    }
    const edgeq_tensor *tensor = edgeq_output(output);
    if (offset > tensor->bytes || n > tensor->bytes - offset) {
        return 0;
    }
    return (const uint8_t *)tensor->data + offset;
}

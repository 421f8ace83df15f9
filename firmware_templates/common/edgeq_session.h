/* One inference after another: inputs in order, one run, outputs. Both protocols of the link go through it, so that
 * neither can run on an input that a run has overwritten, nor read an output that a load has. */
#ifndef EDGEQ_SESSION_H
#define EDGEQ_SESSION_H

#include <stdint.h>

typedef struct {
    uint64_t count;  /* of edgeq_port_counter_unit; 0 when not measured */
    uint64_t micros; /* elapsed */
} edgeq_run_cost;

/* Starts the runtime; 0 when it is ready. Without it nothing can be loaded. */
int edgeq_session_start(void);
int edgeq_session_is_started(void);

/* Has the model begin anew, as if nothing had run; 0 on success. Nothing is loaded then, and no output is there. */
int edgeq_session_reset(void);

/* Bytes of all inputs together. */
uint32_t edgeq_session_input_bytes(void);

/* Where the next n bytes of input number `input` go, from `offset` on; null when they are not next in order or too
 * many. Input 0 at offset 0 begins anew. They count only once edgeq_session_loaded is called. */
uint8_t *edgeq_session_place(uint32_t input, uint32_t offset, uint32_t n);
void edgeq_session_loaded(uint32_t n);

/* The next bytes in order, whichever input they belong to: for a source that knows only one stream. */
void edgeq_session_rewind(void);
int edgeq_session_put(uint8_t byte); /* 0 when there is no place left */

/* Whether all inputs are whole and no run has used them yet. */
int edgeq_session_is_loaded(void);

/* Runs once on the loaded inputs; 0 when outputs are there. Only when edgeq_session_is_loaded. */
int edgeq_session_run(int measure, edgeq_run_cost *cost);

/* Runs on whatever a run left in the inputs: for timing only. The outputs, and what the model keeps between
 * inferences, mean nothing afterwards. */
int edgeq_session_repeat(void);

/* n bytes of an output from offset on; null when there are none, or not that many. */
const uint8_t *edgeq_session_output(uint32_t output, uint32_t offset, uint32_t n);

#endif

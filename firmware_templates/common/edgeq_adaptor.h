/* What the MLPerf Tiny runner sends for a model of each official name, turned into the model's input, and its output
 * into the results that the runner expects. Any other name takes the input as the model's own bytes. */
#ifndef EDGEQ_ADAPTOR_H
#define EDGEQ_ADAPTOR_H

#include <stdint.h>

/* The name that profile% tells: the model's own until another is selected. */
const char *edgeq_adaptor_model(void);

/* Null, or why this firmware cannot do that. Forgets what is loaded. */
const char *edgeq_adaptor_select(const char *name);

/* A load of edgeq_adaptor_bytes() bytes: begin, then put each while any are missing. */
uint32_t edgeq_adaptor_bytes(void);
void edgeq_adaptor_begin(void);
uint32_t edgeq_adaptor_missing(void);
void edgeq_adaptor_put(uint8_t byte);

/* Runs once; 0 when it went well. Results are of the last input loaded, however often it has run since; after more
 * than one run only the first elements of a large output are still there. */
int edgeq_adaptor_run(void);
int edgeq_adaptor_has_results(void);
void edgeq_adaptor_print_results(void);
void edgeq_adaptor_forget(void);

#endif

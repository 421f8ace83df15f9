/* The link between device and host. docs/link.md is its specification.
 * Text: commands that end with '%', answered by lines; what people and the MLPerf Tiny runner speak.
 * Bulk: numbered frames with CRCs; what edgeq speaks. `bulk%` enters it, an EXIT frame leaves it. */
#ifndef EDGEQ_LINK_H
#define EDGEQ_LINK_H

#include <stdint.h>

#define EDGEQ_LINK_VERSION 1

/* The most payload bytes of one frame. They go straight to and from tensors: it costs no RAM. */
#define EDGEQ_LINK_CHUNK 1024u

/* The next byte from the console; waits for it. */
uint8_t edgeq_link_receive(void);

/* One line for the host: `m-[text]`. */
void edgeq_text_say(const char *text);
void edgeq_text_error(const char *text);
void edgeq_text_ready(void);

/* Serves text commands, and bulk mode within. Does not return. */
__attribute__((noreturn)) void edgeq_text_serve(void);

/* Serves frames until EXIT, or until more of '%' come in a row, outside of a frame, than any frame can hold. */
void edgeq_bulk_serve(void);

#endif

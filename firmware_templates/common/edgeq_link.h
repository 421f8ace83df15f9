/* The link between device and host. docs/link.md is its specification.
 * Text (edgeq_text.h): commands that end with '%', answered by lines; what people and the MLPerf Tiny runner speak.
 * Bulk (edgeq_bulk.h): numbered frames with CRCs; what edgeq speaks. `bulk%` enters it, an EXIT frame leaves it. */
#ifndef EDGEQ_LINK_H
#define EDGEQ_LINK_H

#include <stdint.h>

#define EDGEQ_LINK_VERSION 3

/* The most payload bytes of one frame. They go straight to and from tensors: it costs no RAM. */
#define EDGEQ_LINK_CHUNK 1024u

/* Microseconds without a byte: within a frame, after which the frame is given up; within a command, or in bulk mode
 * outside of a frame, after which whoever spoke is taken to be gone. */
#define EDGEQ_LINK_PAUSE 200000u
#define EDGEQ_LINK_GONE 5000000u
#define EDGEQ_LINK_FOR_EVER UINT32_MAX

/* The next byte from the console, 0 to 255; -1 when none has come for so many microseconds. */
int edgeq_link_receive(uint32_t patience);

#endif

/* The link between device and host. docs/link.md is its specification.
 * Text (edgeq_text.h): commands that end with '%', answered by lines; what people and the MLPerf Tiny runner speak.
 * Bulk (edgeq_bulk.h): numbered frames with CRCs; what edgeq speaks. `bulk%` enters it, an EXIT frame leaves it. */
#ifndef EDGEQ_LINK_H
#define EDGEQ_LINK_H

#include <stdint.h>

#define EDGEQ_LINK_VERSION 2

/* The most payload bytes of one frame. They go straight to and from tensors: it costs no RAM. */
#define EDGEQ_LINK_CHUNK 1024u

/* The next byte from the console; waits for it. */
uint8_t edgeq_link_receive(void);

#endif

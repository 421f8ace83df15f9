/* The link's bulk mode. */
#ifndef EDGEQ_BULK_H
#define EDGEQ_BULK_H

/* Serves frames until EXIT, until more of '%' come in a row, outside of a frame, than any frame can hold, or until
 * nothing has come for EDGEQ_LINK_GONE. */
void edgeq_bulk_serve(void);

#endif

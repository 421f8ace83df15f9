/* The link's bulk mode. */
#ifndef EDGEQ_BULK_H
#define EDGEQ_BULK_H

/* Serves frames until EXIT, or until more of '%' come in a row, outside of a frame, than any frame can hold. */
void edgeq_bulk_serve(void);

#endif

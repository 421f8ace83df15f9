/* The caches of a Cortex-M7. Nothing but the core writes the memory that the firmware uses, so they need no care. */
#ifndef EDGEQ_CACHE_M7_H
#define EDGEQ_CACHE_M7_H

/* Empties both and switches them on; once, after reset. */
void edgeq_cache_start(void);

#endif

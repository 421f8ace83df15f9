/* The golden vector: one inference whose outputs the oracle has computed, to be replayed on the device. */
#ifndef EDGEQ_GOLDEN_H
#define EDGEQ_GOLDEN_H

/* Writes the inputs, runs the model once and compares the checksum of all outputs; 0 when it is the oracle's. Only
   after edgeq_runtime_init, and before anything else is loaded. */
int edgeq_golden_replay(void);

#endif

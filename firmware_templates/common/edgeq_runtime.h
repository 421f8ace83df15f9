/* What a runtime gives the firmware: one model, its inputs and outputs, and the inference. */
#ifndef EDGEQ_RUNTIME_H
#define EDGEQ_RUNTIME_H

#include <stdint.h>

enum {
    EDGEQ_TYPE_INT8 = 0,
    EDGEQ_TYPE_UINT8 = 1,
    EDGEQ_TYPE_FLOAT32 = 2,
    EDGEQ_TYPE_INT16 = 3,
    EDGEQ_TYPE_INT32 = 4,
    EDGEQ_TYPE_INT64 = 5,
    EDGEQ_TYPE_BOOL = 6 /* a byte, 0 or 1 */
};

/* real = scale * (q - zero_point); numbers that mean themselves have scale 1 and zero point 0. */
typedef struct {
    void *data;
    uint32_t bytes;
    uint8_t type; /* EDGEQ_TYPE_… */
    int32_t zero_point;
    float scale;
    const char *name;
} edgeq_tensor;

extern const char edgeq_model_name[];
extern const char edgeq_model_hash[];   /* SHA-256 of the model file, its first 16 hexadecimal digits */
extern const char edgeq_runtime_name[]; /* "aot" */
extern const uint32_t edgeq_arena_bytes;
extern const uint32_t edgeq_state_bytes; /* what the model keeps between inferences; 0: nothing */

/* Makes the runtime ready; 0 on success. Call it once, before everything below. */
int edgeq_runtime_init(void);

/* One inference: reads the inputs, writes the outputs; 0 on success. The inputs may be overwritten, so write all
   of them before every inference; the outputs stay as they are until an input is written. */
int edgeq_runtime_invoke(void) __attribute__((noinline)); /* a profile parts it at its calls */

/* Only where the network was made with --input rows: takes the next rows of the input. 1 where the outputs are there, which
   stay until the next row; 0 where rows are still to come; -1, and nothing is taken, where they are more than are left. */
int edgeq_runtime_push_rows(const void *rows, int32_t count);

/* Has what the model keeps between inferences be what it was at first; 0 on success. The outputs are gone then. */
int edgeq_runtime_reset(void);

/* Only where EDGEQ_STEPWISE is 1: the step that the next inferences count by themselves, and what the last counted. */
#define EDGEQ_NO_STEP 0xFFFFFFFFu
extern uint32_t edgeq_step;
extern uint64_t edgeq_step_count;

uint32_t edgeq_input_count(void);
uint32_t edgeq_output_count(void);
const edgeq_tensor *edgeq_input(uint32_t i);  /* 0 beyond the last */
const edgeq_tensor *edgeq_output(uint32_t i); /* 0 beyond the last */

#endif

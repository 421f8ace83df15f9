/* interface */
#include <stdint.h>

/* Rows of `run` bytes, `stride` bytes apart in the output. */
typedef struct {
    int32_t rows, run, stride;
    const int8_t *constant; /* the input, where it is constant */
} edgeq_copy_params;

void edgeq_copy_s8(const edgeq_copy_params *p, const int8_t *input, int8_t *output) __attribute__((noinline));
void edgeq_copy_constant_s8(const edgeq_copy_params *p, int8_t *output) __attribute__((noinline));

/* implementation */
#include "edgeq_mem.h"

void edgeq_copy_s8(const edgeq_copy_params *p, const int8_t *input, int8_t *output)
{
    for (int32_t row = 0; row < p->rows; row++) {
        memcpy(output, input, (size_t)p->run);
        input += p->run;
        output += p->stride;
    }
}

void edgeq_copy_constant_s8(const edgeq_copy_params *p, int8_t *output)
{
    edgeq_copy_s8(p, p->constant, output);
}

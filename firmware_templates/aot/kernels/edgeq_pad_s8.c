/* interface */
#include <stdint.h>

/* Rows of `run` bytes, in up to four loops, outermost first, strides in the output; everything else is `value`. */
typedef struct {
    int32_t output_bytes, value, start, run;
    int32_t count0, stride0, count1, stride1, count2, stride2, count3, stride3;
} edgeq_pad_params;

void edgeq_pad_s8(const edgeq_pad_params *p, const int8_t *input, int8_t *output) __attribute__((noinline));

/* implementation */
#include "edgeq_mem.h"

void edgeq_pad_s8(const edgeq_pad_params *p, const int8_t *input, int8_t *output)
{
    memset(output, p->value, (size_t)p->output_bytes);
    for (int32_t i = 0; i < p->count0; i++) {
        for (int32_t j = 0; j < p->count1; j++) {
            for (int32_t k = 0; k < p->count2; k++) {
                int8_t *row = output + p->start + i * p->stride0 + j * p->stride1 + k * p->stride2;
                for (int32_t m = 0; m < p->count3; m++) {
                    memcpy(row, input, (size_t)p->run);
                    row += p->stride3;
                    input += p->run;
                }
            }
        }
    }
}

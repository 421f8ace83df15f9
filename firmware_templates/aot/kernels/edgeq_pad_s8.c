#include "edgeq_kernels.h"
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

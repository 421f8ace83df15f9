/* interface */
#include "edgeq_fully_connected_params.h"

void edgeq_fully_connected_bytes_dsp_s8(const edgeq_fully_connected_params *p, const int8_t *input, int8_t *output,
                                        void *scratch) __attribute__((noinline));

/* implementation */
#include "edgeq_fully_connected_bytes_dsp.h"

void edgeq_fully_connected_bytes_dsp_s8(const edgeq_fully_connected_params *p, const int8_t *input, int8_t *output,
                                        void *scratch)
{
    (void)scratch;
    edgeq_fully_connected_bytes_dsp(p, input, output, EDGEQ_FAST);
}

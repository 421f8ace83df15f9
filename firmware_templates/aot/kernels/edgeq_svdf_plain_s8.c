/* interface */
#include "edgeq_svdf_params.h"

void edgeq_svdf_plain_s8(const edgeq_svdf_params *p, const int8_t *input, int16_t *state, int8_t *output)
    __attribute__((noinline));

/* implementation */
#include "edgeq_dot_plain.h"
#include "edgeq_svdf.h"

void edgeq_svdf_plain_s8(const edgeq_svdf_params *p, const int8_t *input, int16_t *state, int8_t *output)
{
    edgeq_svdf(p, input, state, output, edgeq_dot);
}

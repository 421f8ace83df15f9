/* interface */
#include "edgeq_lstm_params.h"

void edgeq_lstm_dsp_s8(const edgeq_lstm_params *p, const int8_t *input, int8_t *state, int16_t *cell, int8_t *output)
    __attribute__((noinline));

/* implementation */
#include "edgeq_dot_dsp.h"
#include "edgeq_lstm.h"

void edgeq_lstm_dsp_s8(const edgeq_lstm_params *p, const int8_t *input, int8_t *state, int16_t *cell, int8_t *output)
{
    edgeq_lstm(p, input, state, cell, output, edgeq_dot_4);
}

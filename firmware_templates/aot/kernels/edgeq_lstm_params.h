/* The parameters of the LSTM kernels. */
#ifndef EDGEQ_LSTM_PARAMS_H
#define EDGEQ_LSTM_PARAMS_H

#include <stdint.h>

/* Gates are, in this order, the input's, the forget gate, the cell's and the output's. Zero points are folded into the
 * biases. Steps, batches and rows are counted in elements. */
typedef struct {
    const int8_t *weights;   /* [cells][4][inputs] */
    const int8_t *recurrent; /* [cells][4][cells] */
    const int32_t *bias;     /* [cells][2][4]: of the inputs, of the state */
    const int32_t *scales;   /* [2][4][2]: of the inputs, of the state; multiplier and shift to the left */
    int32_t batch, steps, inputs, cells;
    int32_t input_step, input_batch, output_step, output_batch; /* from one to the next */
    int32_t is_coupled;                                         /* the input gate is 1 less the forget gate */
    int32_t cell_bits;                                          /* integer bits of the cell */
    int32_t cell_clip;                                          /* 0: none */
    int32_t multiplier, shift, zero_point;                      /* of the state and the output */
} edgeq_lstm_params;

#endif

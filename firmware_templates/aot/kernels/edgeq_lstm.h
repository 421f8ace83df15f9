/* The body of the LSTM kernels, around the core's sums of products. */
#ifndef EDGEQ_LSTM_H
#define EDGEQ_LSTM_H

#include <stdint.h>

#include "edgeq_arith.h"
#include "edgeq_lstm_params.h"
#include "edgeq_mem.h"
#include "edgeq_q15.h"

typedef void (*edgeq_dots)(const int8_t *x, const int8_t *rows, int32_t depth, uint32_t *sums);

/* What the four gates of a cell sum up, with three integer bits. */
EDGEQ_INLINE void edgeq_lstm_gates(const edgeq_lstm_params *p, int32_t cell, const int8_t *input, const int8_t *state,
                                   int32_t *gates, edgeq_dots dots)
{
    uint32_t sums[2][4];
    for (int32_t gate = 0; gate < 4; gate++) {
        sums[0][gate] = (uint32_t)p->bias[8 * cell + gate];
        sums[1][gate] = (uint32_t)p->bias[8 * cell + 4 + gate];
    }
    dots(input, p->weights + cell * 4 * p->inputs, p->inputs, sums[0]);
    dots(state, p->recurrent + cell * 4 * p->cells, p->cells, sums[1]);
    for (int32_t gate = 0; gate < 4; gate++) {
        const int32_t *of_input = p->scales + 2 * gate, *of_state = of_input + 8;
        const int32_t first = edgeq_saturate16(edgeq_multiply((int32_t)sums[0][gate], of_input[0], of_input[1]));
        gates[gate] = edgeq_saturate16(first + edgeq_multiply((int32_t)sums[1][gate], of_state[0], of_state[1]));
    }
}

static inline int8_t edgeq_lstm_cell(const edgeq_lstm_params *p, const int32_t *gates, int16_t *cell)
{
    const int32_t forget = edgeq_q15_logistic(gates[1]);
    const int32_t enter = p->is_coupled ? EDGEQ_Q15_ONE - forget : edgeq_q15_logistic(gates[0]);
    const int32_t kept = edgeq_rounding_shift_right(forget * *cell, 15);
    const int32_t added = edgeq_rounding_shift_right(enter * edgeq_q15_tanh(gates[2], 3), 15 + p->cell_bits);
    int32_t now = edgeq_saturate16(kept + added);
    if (p->cell_clip > 0) {
        now = edgeq_clamp(now, -p->cell_clip, p->cell_clip);
    }
    *cell = (int16_t)now;
    const int32_t product = edgeq_q15_logistic(gates[3]) * edgeq_q15_tanh(now, p->cell_bits);
    const int32_t y = edgeq_multiply(product, p->multiplier, p->shift) + p->zero_point;
    return (int8_t)edgeq_clamp(y, -128, 127);
}

EDGEQ_INLINE void edgeq_lstm(const edgeq_lstm_params *p, const int8_t *input, int8_t *state, int16_t *cell,
                             int8_t *output, edgeq_dots dots)
{
    for (int32_t batch = 0; batch < p->batch; batch++) {
        const int8_t *x = input + batch * p->input_batch;
        int8_t *y = output + batch * p->output_batch;
        for (int32_t step = 0; step < p->steps; step++, x += p->input_step, y += p->output_step) {
            for (int32_t i = 0; i < p->cells; i++) {
                int32_t gates[4];
                edgeq_lstm_gates(p, i, x, state, gates, dots);
                y[i] = edgeq_lstm_cell(p, gates, cell + i);
            }
            memcpy(state, y, (size_t)p->cells);
        }
        state += p->cells;
        cell += p->cells;
    }
}

#endif

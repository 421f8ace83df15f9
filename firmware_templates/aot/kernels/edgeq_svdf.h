/* The body of the SVDF kernels, around the core's sums of products. */
#ifndef EDGEQ_SVDF_H
#define EDGEQ_SVDF_H

#include <stdint.h>

#include "edgeq_arith.h"
#include "edgeq_fixed_point.h"
#include "edgeq_svdf_params.h"

typedef uint32_t (*edgeq_dot_of)(const int8_t *x, const int8_t *row, int32_t depth, uint32_t sum);

/* Forgets the oldest feature, remembers a new one, and sums them up with their weights. */
static inline uint32_t edgeq_svdf_remember(int16_t *memory, const int16_t *times, int32_t n, int32_t newest)
{
    uint32_t sum = 0;
    for (int32_t i = 0; i < n - 1; i++) {
        memory[i] = memory[i + 1];
        sum = edgeq_mac(sum, memory[i], times[i]);
    }
    memory[n - 1] = (int16_t)newest;
    return edgeq_mac(sum, newest, times[n - 1]);
}

EDGEQ_INLINE void edgeq_svdf(const edgeq_svdf_params *p, const int8_t *input, int16_t *state, int8_t *output,
                             edgeq_dot_of dot)
{
    for (int32_t batch = 0; batch < p->batch; batch++, input += p->inputs) {
        const int8_t *features = p->features;
        const int16_t *times = p->times;
        const int32_t *offset = p->offsets;
        for (int32_t unit = 0; unit < p->units; unit++) {
            uint32_t sum = (uint32_t)p->bias[unit];
            for (int32_t rank = 0; rank < p->rank; rank++) {
                const int32_t found = (int32_t)dot(input, features, p->inputs, (uint32_t)*offset++);
                const int32_t newest =
                    edgeq_clamp(edgeq_multiply(found, p->feature_multiplier, p->feature_shift), -32768, 32767);
                sum += edgeq_svdf_remember(state, times, p->memory, newest);
                features += p->inputs;
                times += p->memory;
                state += p->memory;
            }
            const int32_t y = edgeq_multiply((int32_t)sum, p->multiplier, p->shift) + p->zero_point;
            *output++ = (int8_t)edgeq_clamp(y, -128, 127);
        }
    }
}

#endif

/* Logistic and tanh of 16-bit fixed-point numbers, step by step as TensorFlow Lite's integer LSTM computes them. */
#ifndef EDGEQ_Q15_H
#define EDGEQ_Q15_H

#include <stdint.h>

#include "edgeq_fixed_point.h"

#define EDGEQ_Q15_ONE 32767

static inline int32_t edgeq_saturate16(int32_t x)
{
    return edgeq_clamp(x, -32768, 32767);
}

/* The high half of twice the product, ties upward. */
static inline int32_t edgeq_q15_mul(int32_t a, int32_t b)
{
    return edgeq_saturate16((a * b + (1 << 14)) >> 15);
}

/* exp of a number that is not above 0 and has `bits` integer bits, from 1 to 7. */
static inline int32_t edgeq_q15_exp(int32_t a, int32_t bits)
{
    /* exp(-1/4), exp(-1/2), … exp(-8): by which the powers of two in the argument multiply */
    static const int16_t factors[] = {25520, 19875, 12055, 4435, 600, 11, 0};
    const int32_t quarter = 1 << (13 - bits);
    if (a == 0) {
        return EDGEQ_Q15_ONE;
    }
    if (bits > 5 && a < -(1 << (20 - bits))) {
        return 0;
    }
    /* from -1/4 to 0, a series about -1/8 */
    const int32_t folded = (a & (quarter - 1)) - quarter;
    const int32_t x = folded * (1 << bits) + (1 << 12);
    const int32_t x2 = edgeq_q15_mul(x, x);
    const int32_t x3 = edgeq_q15_mul(x2, x);
    const int32_t x4 = edgeq_q15_mul(x2, x2);
    const int32_t inner = edgeq_q15_mul(edgeq_rounding_shift_right(x4, 2) + x3, 10923) + x2;
    int32_t result = edgeq_saturate16(28918 + edgeq_q15_mul(x + edgeq_rounding_shift_right(inner, 1), 28918));
    const int32_t remainder = folded - a;
    for (int32_t i = 0; i < bits + 2 && i < 7; i++) {
        if ((remainder & (quarter << i)) != 0) {
            result = edgeq_q15_mul(result, factors[i]);
        }
    }
    return result;
}

/* 2 / (a + 1) for a from 0 to 1, with two integer bits: three steps of Newton's. */
static inline int32_t edgeq_q15_reciprocal(int32_t a)
{
    const int32_t half = (a + EDGEQ_Q15_ONE + 1) >> 1;
    int32_t x = 23130 + edgeq_q15_mul(half, -15420);
    for (int32_t i = 0; i < 3; i++) {
        x += edgeq_saturate16(4 * edgeq_q15_mul(x, 8192 - edgeq_q15_mul(half, x)));
    }
    return x;
}

/* Of a number with three integer bits. */
static inline int32_t edgeq_q15_logistic(int32_t a)
{
    if (a == 0) {
        return 16384;
    }
    const int32_t y = edgeq_saturate16(2 * edgeq_q15_reciprocal(edgeq_q15_exp(a > 0 ? -a : a, 3)));
    return a > 0 ? y : EDGEQ_Q15_ONE - y;
}

/* Of a number with `bits` integer bits, from 0 to 6. */
static inline int32_t edgeq_q15_tanh(int32_t a, int32_t bits)
{
    if (a == 0) {
        return 0;
    }
    const int32_t x = edgeq_q15_reciprocal(edgeq_q15_exp(a > 0 ? -a : a, bits + 1));
    const int32_t y = edgeq_saturate16(4 * (x - 8192));
    return a > 0 ? y : -y;
}

#endif

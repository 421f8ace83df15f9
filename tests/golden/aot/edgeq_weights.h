/* The constant arrays of tiny, by operator. Made by edgeq 0.0.0; do not edit. */
#ifndef EDGEQ_WEIGHTS_H
#define EDGEQ_WEIGHTS_H

#include <stdint.h>

/* 0: CONV_2D 6x6x1 -> 6x6x2, kernel 3x3, ReLU */
extern const int16_t edgeq_op00_conv_2d_weights[36];

/* 2: QUANTIZE 1x3x3x2 by table */
extern const int8_t edgeq_op02_quantize_table[256];

/* 5: FULLY_CONNECTED 18 -> 3 */
extern const int16_t edgeq_op05_fully_connected_weights[40];
extern const int32_t edgeq_op05_fully_connected_bias[4];
extern const int32_t edgeq_op05_fully_connected_requant[8];

/* 6: SOFTMAX 1x3 */
extern const int32_t edgeq_op06_softmax_exponentials[127];

#endif

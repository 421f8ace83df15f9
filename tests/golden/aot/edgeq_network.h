/* The network tiny: its inputs, outputs and sizes. Made by edgeq 0.0.0; do not edit.
   Model SHA-256: 4d4791807a45ee51b9aa1fa983f4c967e51411146498b54d89a78a6e4a86f2f8 */
#ifndef EDGEQ_NETWORK_H
#define EDGEQ_NETWORK_H

#include <stdint.h>

#define EDGEQ_INPUTS 1
#define EDGEQ_OUTPUTS 1

#define EDGEQ_ARENA_BYTES 188 /* all activations and scratch; the most alive at once: 108 */
#define EDGEQ_WEIGHT_BYTES 964
#define EDGEQ_MACS 702 /* multiply-accumulates of one inference */

extern int8_t edgeq_arena[EDGEQ_ARENA_BYTES];

/* real / scale + zero_point, rounded to nearest with ties away from zero, limited to [low, high]; NaN gives low. */
static inline int32_t edgeq_quantize(float real, float scale, int32_t zero_point, int32_t low, int32_t high)
{
    const float steps = real / scale;
    if (!(steps > (float)(low - zero_point))) {
        return low;
    }
    if (steps >= (float)(high - zero_point)) {
        return high;
    }
    const int32_t whole = (int32_t)steps;
    const float rest = steps - (float)whole;
    return whole + (rest >= 0.5f) - (rest <= -0.5f) + zero_point;
}

static inline float edgeq_dequantize(int32_t value, float scale, int32_t zero_point)
{
    return scale * (float)(value - zero_point);
}

/* input 0: "image", int8 [1, 6, 6, 1] */
#define EDGEQ_INPUT_0_BYTES 36
#define EDGEQ_INPUT_0_SCALE 0.00779999979f
#define EDGEQ_INPUT_0_ZERO_POINT -1

static inline int8_t edgeq_input_0_quantize(float real)
{
    return (int8_t)edgeq_quantize(real, EDGEQ_INPUT_0_SCALE, EDGEQ_INPUT_0_ZERO_POINT, -128, 127);
}

static inline float edgeq_input_0_dequantize(int8_t value)
{
    return edgeq_dequantize(value, EDGEQ_INPUT_0_SCALE, EDGEQ_INPUT_0_ZERO_POINT);
}

static inline int8_t *edgeq_input_0(void)
{
    return (int8_t *)(edgeq_arena + 152);
}

/* output 0: "classes", int8 [1, 3] */
#define EDGEQ_OUTPUT_0_BYTES 3
#define EDGEQ_OUTPUT_0_SCALE 0.00390625f
#define EDGEQ_OUTPUT_0_ZERO_POINT -128

static inline int8_t edgeq_output_0_quantize(float real)
{
    return (int8_t)edgeq_quantize(real, EDGEQ_OUTPUT_0_SCALE, EDGEQ_OUTPUT_0_ZERO_POINT, -128, 127);
}

static inline float edgeq_output_0_dequantize(int8_t value)
{
    return edgeq_dequantize(value, EDGEQ_OUTPUT_0_SCALE, EDGEQ_OUTPUT_0_ZERO_POINT);
}

static inline int8_t *edgeq_output_0(void)
{
    return (int8_t *)(edgeq_arena + 0);
}

#endif

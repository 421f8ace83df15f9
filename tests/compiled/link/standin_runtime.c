/* A runtime for tests: two outputs that depend on every input byte, and an input that the run overwrites. */
#include <string.h>

#include "edgeq_runtime.h"

#ifndef INPUT_BYTES
#define INPUT_BYTES 490
#endif
#ifndef INPUT_TYPE
#define INPUT_TYPE 0
#endif
#ifndef OUTPUT_SCALE
#define OUTPUT_SCALE 0.00390625f
#endif
#ifndef OUTPUT_BYTES
#define OUTPUT_BYTES 12
#endif

#ifndef OUTPUT_TYPE
#define OUTPUT_TYPE INPUT_TYPE
#endif

const char edgeq_model_name[] = "standin";
const char edgeq_model_hash[] = "0123456789abcdef";
const char edgeq_runtime_name[] = "aot";
const uint32_t edgeq_arena_bytes = 4096;
#ifndef STATE_BYTES
#define STATE_BYTES 0
#endif
const uint32_t edgeq_state_bytes = STATE_BYTES;

static uint8_t first[INPUT_BYTES], second[3], scores[OUTPUT_BYTES], state[5000];

static const edgeq_tensor inputs[] = {
    {first, sizeof first, INPUT_TYPE, -3, 0.5f, "first"},
#ifdef TWO_INPUTS
    {second, sizeof second, 0, 0, 1.0f, "second"},
#endif
};
static const edgeq_tensor outputs[] = {
    {scores, sizeof scores, OUTPUT_TYPE, OUTPUT_TYPE == 1 ? 0 : -128, OUTPUT_SCALE, "scores"},
#ifndef ONE_OUTPUT
    {state, sizeof state, 0, 0, 1.0f, "state"},
#endif
};

#ifdef SPENDS
void edgeq_line_spend(uint64_t nanoseconds);
#endif

static uint32_t runs, kept; /* the model keeps how often it has run since the last reset */

int edgeq_runtime_init(void)
{
#ifdef FAILS_TO_START
    return 1;
#else
    return 0;
#endif
}

/* output[i] = sum over j of input[j] * (i + j + 1), mod 256; the ways to fail are asked for by the input. */
int edgeq_runtime_invoke(void)
{
    if (first[0] == 0x7E && first[1] == 0x57) {
        return 1;
    }
#ifdef SPENDS
    edgeq_line_spend(SPENDS); /* nanoseconds, on a simulated line */
#endif
    ++runs;
    ++kept;
    for (uint32_t i = 0; i < sizeof scores; ++i) {
        uint32_t sum = 0;
        for (uint32_t j = 0; j < sizeof first; ++j) {
            sum += first[j] * (i + j + 1u);
        }
#ifdef COUNTS
        sum = i - 128u; /* every int8 value in turn */
#endif
        scores[i] = (uint8_t)(sum + second[i % 3u] + (STATE_BYTES != 0 ? kept : 0u));
    }
    for (uint32_t i = 0; i < sizeof state; ++i) {
        state[i] = (uint8_t)(first[i % sizeof first] + i / 7u);
    }
    memset(first, (int)(runs & 255u), sizeof first);
    return 0;
}

int edgeq_runtime_reset(void)
{
    kept = 0;
    return 0;
}

uint32_t edgeq_input_count(void)
{
    return sizeof inputs / sizeof inputs[0];
}

uint32_t edgeq_output_count(void)
{
    return sizeof outputs / sizeof outputs[0];
}

const edgeq_tensor *edgeq_input(uint32_t i)
{
    return &inputs[i];
}

const edgeq_tensor *edgeq_output(uint32_t i)
{
    return &outputs[i];
}

/* ARG_MAX and ARG_MIN of INT32 numbers. */

/* interface */
#include <stdint.h>

/* An input of outer x count x inner numbers; the output has the place along `count`, outer x inner numbers. */
typedef struct {
    int32_t outer, count, inner;
    int32_t flip;  /* bits that make the number looked for the largest: all where the smallest is */
    int32_t words; /* of an output's number: 1 or 2, little-endian */
} edgeq_arg_s32_params;

void edgeq_arg_s32(const edgeq_arg_s32_params *p, const int8_t *input, int8_t *output) __attribute__((noinline));

/* implementation */
#include "edgeq_mem.h"

static int32_t place_of(const edgeq_arg_s32_params *p, const int8_t *input)
{
    int32_t most = 0, place = 0;
    for (int32_t i = 0; i < p->count; i++, input += 4 * p->inner) {
        int32_t value;
        memcpy(&value, input, 4);
        value ^= p->flip;
        if (i == 0 || value > most) {
            most = value;
            place = i;
        }
    }
    return place;
}

void edgeq_arg_s32(const edgeq_arg_s32_params *p, const int8_t *input, int8_t *output)
{
    const size_t bytes = 4u * (size_t)p->words;
    for (int32_t i = 0; i < p->outer; i++) {
        for (int32_t j = 0; j < p->inner; j++) {
            const int32_t number[2] = {place_of(p, input + 4 * j), 0};
            memcpy(output, number, bytes);
            output += bytes;
        }
        input += 4 * p->count * p->inner;
    }
}

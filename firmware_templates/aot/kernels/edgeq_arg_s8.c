/* ARG_MAX and ARG_MIN of bytes. */

/* interface */
#include <stdint.h>

/* An input of outer x count x inner bytes; the output has the place along `count`, outer x inner numbers. */
typedef struct {
    int32_t outer, count, inner;
    uint8_t flip; /* bits that make the byte looked for the largest signed one: of unsigned bytes, of the smallest */
    uint8_t words; /* of an output's number: 1 or 2, little-endian */
} edgeq_arg_params;

void edgeq_arg_s8(const edgeq_arg_params *p, const int8_t *input, int8_t *output) __attribute__((noinline));

/* implementation */
#include "edgeq_mem.h"

static int32_t place_of(const edgeq_arg_params *p, const int8_t *input)
{
    int32_t most = -129, place = 0;
    for (int32_t i = 0; i < p->count; i++, input += p->inner) {
        const int32_t value = (int8_t)(uint8_t)((uint8_t)*input ^ p->flip);
        if (value > most) {
            most = value;
            place = i;
        }
    }
    return place;
}

void edgeq_arg_s8(const edgeq_arg_params *p, const int8_t *input, int8_t *output)
{
    for (int32_t i = 0; i < p->outer; i++) {
        for (int32_t j = 0; j < p->inner; j++) {
            const int32_t number[2] = {place_of(p, input + j), 0};
            const size_t bytes = 4u * p->words;
            memcpy(output, number, bytes);
            output += bytes;
        }
        input += p->count * p->inner;
    }
}

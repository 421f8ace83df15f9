/* CUMSUM of whole numbers: each is the sum of those up to it along an axis; sums wrap. */

/* interface */
#include <stdint.h>

/* Of outer x count x inner numbers, along `count`. */
typedef struct {
    int32_t outer, count, inner;
    int32_t size;      /* bytes of a number: 4 or 8, little-endian */
    int32_t exclusive; /* whether a number is left out of its own sum */
    int32_t reverse;   /* whether sums begin at the axis' end */
} edgeq_cumsum_params;

void edgeq_cumsum(const edgeq_cumsum_params *p, const int8_t *input, int8_t *output) __attribute__((noinline));

/* implementation */
#include "edgeq_mem.h"

void edgeq_cumsum(const edgeq_cumsum_params *p, const int8_t *input, int8_t *output)
{
    const size_t size = (size_t)p->size;
    const int32_t step = p->inner * p->size;
    const int32_t first = p->reverse ? (p->count - 1) * step : 0, next = p->reverse ? -step : step;
    for (int32_t i = 0; i < p->outer; i++) {
        for (int32_t j = 0; j < p->inner; j++) {
            uint64_t sum = 0;
            int32_t at = first + j * p->size;
            for (int32_t left = p->count; left > 0; left--, at += next) {
                uint64_t number = 0;
                memcpy(&number, input + at, size);
                const uint64_t with = sum + number;
                memcpy(output + at, p->exclusive ? &sum : &with, size);
                sum = with;
            }
        }
        input += p->count * step;
        output += p->count * step;
    }
}

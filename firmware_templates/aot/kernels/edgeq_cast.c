/* CAST of whole numbers and truth values. The output may be the input, where its elements are as large. */

/* interface */
#include <stdint.h>

typedef struct {
    int32_t count;
    int32_t from;      /* bytes of an element: 1, 2, 4 or 8, little-endian */
    int32_t is_signed; /* whether the highest bit is a sign */
    int32_t to;        /* bytes of an element of the output */
    int32_t to_truth;  /* whether 0 or 1 comes out */
    int32_t to_real;   /* whether a float does, from 4 bytes at most */
} edgeq_cast_params;

void edgeq_cast(const edgeq_cast_params *p, const int8_t *input, int8_t *output) __attribute__((noinline));

/* implementation */
#include "edgeq_mem.h"

void edgeq_cast(const edgeq_cast_params *p, const int8_t *input, int8_t *output)
{
    const size_t from = (size_t)p->from, to = (size_t)p->to;
    for (int32_t left = p->count; left > 0; left--) {
        const int8_t last = input[from - 1];
        const int32_t rest = p->is_signed && last < 0 ? -1 : 0;
        int32_t number[2] = {rest, rest};
        memcpy(number, input, from);
        input += from;
        if (p->to_truth) {
            *output = (number[0] | number[1]) != 0;
        } else if (p->to_real) {
            const float real = (float)number[0];
            memcpy(output, &real, sizeof real);
        } else {
            memcpy(output, number, to);
        }
        output += to;
    }
}

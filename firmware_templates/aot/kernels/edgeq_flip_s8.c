/* Unsigned bytes for signed ones that are 128 less, and back. The output may be the input. */

/* interface */
#include <stdint.h>

typedef struct {
    int32_t count;
} edgeq_flip_params;

void edgeq_flip_s8(const edgeq_flip_params *p, const int8_t *input, int8_t *output) __attribute__((noinline));

/* implementation */
#include "edgeq_mem.h"

void edgeq_flip_s8(const edgeq_flip_params *p, const int8_t *input, int8_t *output)
{
    int32_t left = p->count;
    for (; left >= 4; left -= 4) {
        uint32_t word;
        memcpy(&word, input, sizeof word);
        word ^= 0x80808080u;
        memcpy(output, &word, sizeof word);
        input += 4;
        output += 4;
    }
    for (; left > 0; left--) {
        *output++ = (int8_t)(*input++ ^ -128);
    }
}

/* Any operator of one byte. Input and output may be the same. */

/* interface */
#include <stdint.h>

/* Any function of one byte, as a table. */
typedef struct {
    const int8_t *table; /* [256], by the input byte as unsigned */
    int32_t count;
} edgeq_lookup_params;

void edgeq_lookup_s8(const edgeq_lookup_params *p, const int8_t *input, int8_t *output) __attribute__((noinline));

/* implementation */
void edgeq_lookup_s8(const edgeq_lookup_params *p, const int8_t *input, int8_t *output)
{
    const int8_t *table = p->table;
    const uint8_t *from = (const uint8_t *)input;
    int32_t left = p->count;
    for (; left >= 4; left -= 4) {
        const int8_t y0 = table[from[0]], y1 = table[from[1]], y2 = table[from[2]], y3 = table[from[3]];
        output[0] = y0;
        output[1] = y1;
        output[2] = y2;
        output[3] = y3;
        from += 4;
        output += 4;
    }
    for (; left > 0; left--) {
        *output++ = table[*from++];
    }
}

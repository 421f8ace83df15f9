/* Integers of an input from bytes, by a table. */
/* interface */
#include <stdint.h>

typedef struct {
    int32_t size;
    const uint8_t *table; /* [256] */
} edgeq_bytes_params;

void edgeq_bytes(const edgeq_bytes_params *p, const uint8_t *in, uint8_t *out);
/* implementation */
void edgeq_bytes(const edgeq_bytes_params *p, const uint8_t *in, uint8_t *out)
{
    for (int32_t i = 0; i < p->size; ++i) {
        out[i] = p->table[in[i]];
    }
}

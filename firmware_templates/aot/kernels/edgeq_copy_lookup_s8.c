/* interface */
#include <stdint.h>

/* Rows of `run` bytes, `stride` bytes apart in the output, each byte by a table. */
typedef struct {
    int32_t rows, run, stride;
    const int8_t *table; /* [256], by the input byte as unsigned */
} edgeq_copy_lookup_params;

void edgeq_copy_lookup_s8(const edgeq_copy_lookup_params *p, const int8_t *input, int8_t *output)
    __attribute__((noinline));

/* implementation */
void edgeq_copy_lookup_s8(const edgeq_copy_lookup_params *p, const int8_t *input, int8_t *output)
{
    const uint8_t *from = (const uint8_t *)input;
    for (int32_t row = 0; row < p->rows; row++) {
        for (int32_t i = 0; i < p->run; i++) {
            output[i] = p->table[from[i]];
        }
        from += p->run;
        output += p->stride;
    }
}

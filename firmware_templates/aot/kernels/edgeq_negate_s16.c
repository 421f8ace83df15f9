/* NEG of int16. Input and output may be the same. */

/* interface */
#include <stdint.h>

typedef struct {
    int32_t count;
} edgeq_negate_s16_params;

void edgeq_negate_s16(const edgeq_negate_s16_params *p, const int16_t *input, int16_t *output)
    __attribute__((noinline));

/* implementation */
void edgeq_negate_s16(const edgeq_negate_s16_params *p, const int16_t *input, int16_t *output)
{
    for (int32_t i = 0; i < p->count; i++) {
        const int16_t x = input[i];
        output[i] = x == INT16_MIN ? x : (int16_t)-x;
    }
}

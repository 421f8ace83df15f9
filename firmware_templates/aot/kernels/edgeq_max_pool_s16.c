/* interface */
#include "edgeq_pool_s16.h"

void edgeq_max_pool_s16(const edgeq_pool_s16_params *p, const int16_t *input, int16_t *output)
    __attribute__((noinline));

/* implementation */
static int32_t largest(const edgeq_pool_part_s16 *inside, const int16_t *first)
{
    int32_t most = *first;
    for (int32_t i = 0; i < inside->rows; i++, first += inside->row) {
        for (int32_t j = 0; j < inside->columns; j++) {
            const int32_t x = first[j * inside->column];
            most = x > most ? x : most;
        }
    }
    return most;
}

void edgeq_max_pool_s16(const edgeq_pool_s16_params *p, const int16_t *input, int16_t *output)
{
    edgeq_pool_s16(p, input, output, largest);
}

/* interface */
#include "edgeq_pool_s16.h"

void edgeq_average_pool_s16(const edgeq_pool_s16_params *p, const int16_t *input, int16_t *output)
    __attribute__((noinline));

/* implementation */
static int32_t average(const edgeq_pool_part_s16 *inside, const int16_t *first)
{
    const int32_t count = inside->rows * inside->columns;
    int32_t sum = 0;
    for (int32_t i = 0; i < inside->rows; i++, first += inside->row) {
        for (int32_t j = 0; j < inside->columns; j++) {
            sum += first[j * inside->column];
        }
    }
    return (sum > 0 ? sum + count / 2 : sum - count / 2) / count;
}

void edgeq_average_pool_s16(const edgeq_pool_s16_params *p, const int16_t *input, int16_t *output)
{
    edgeq_pool_s16(p, input, output, average);
}

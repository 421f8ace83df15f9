/* TOPK_V2 of INT16, INT32 and INT64: the largest of each row and where they were, the larger first, of equals the
   first. */

/* interface */
#include <stdint.h>

typedef struct {
    int32_t rows, length, count; /* count: how many of a row's values are taken */
    int32_t place_size;          /* bytes of a place, little-endian: 2 or 4 */
    int32_t size;                /* bytes of a value, little-endian: 2, 4 or 8 */
} edgeq_topk_wide_params;

void edgeq_topk_wide(const edgeq_topk_wide_params *p, const int8_t *input, int8_t *values, int8_t *places)
    __attribute__((noinline));

/* implementation */
#include "edgeq_mem.h"

static int64_t value_of(const int8_t *at, int32_t size)
{
    uint64_t bits = 0;
    memcpy(&bits, at, (size_t)size);
    const uint64_t sign = 1ull << (8 * size - 1);
    return (int64_t)((bits ^ sign) - sign);
}

void edgeq_topk_wide(const edgeq_topk_wide_params *p, const int8_t *input, int8_t *values, int8_t *places)
{
    for (int32_t row = 0; row < p->rows; row++, input += p->length * p->size) {
        int64_t last = INT64_MAX; /* the value that was taken before */
        int32_t at = -1;          /* and its place */
        for (int32_t i = 0; i < p->count; i++) {
            int64_t best = INT64_MIN;
            int32_t place = -1;
            for (int32_t j = 0; j < p->length; j++) {
                const int64_t x = value_of(input + j * p->size, p->size);
                if ((x > best || place < 0) && (x < last || (x == last && j > at))) {
                    best = x;
                    place = j;
                }
            }
            memcpy(values, &best, (size_t)p->size);
            memcpy(places, &place, (size_t)p->place_size);
            values += p->size;
            places += p->place_size;
            last = best;
            at = place;
        }
    }
}

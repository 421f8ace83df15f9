/* TOPK_V2 of bytes: the largest of each row and where they were, the larger first, of equals the first. */

/* interface */
#include <stdint.h>

typedef struct {
    int32_t rows, length, count; /* count: how many of a row's values are taken */
    int32_t place_size;          /* bytes of a place, little-endian: 2 or 4 */
} edgeq_topk_params;

void edgeq_topk_s8(const edgeq_topk_params *p, const int8_t *input, int8_t *values, int8_t *places)
    __attribute__((noinline));

/* implementation */
#include "edgeq_mem.h"

void edgeq_topk_s8(const edgeq_topk_params *p, const int8_t *input, int8_t *values, int8_t *places)
{
    for (int32_t row = 0; row < p->rows; row++, input += p->length) {
        int32_t last = 128, at = -1; /* the value that was taken before, and its place */
        for (int32_t i = 0; i < p->count; i++) {
            int32_t best = -129, place = 0;
            for (int32_t j = 0; j < p->length; j++) {
                const int32_t x = input[j];
                if (x > best && (x < last || (x == last && j > at))) {
                    best = x;
                    place = j;
                }
            }
            *values++ = (int8_t)best;
            memcpy(places, &place, (size_t)p->place_size);
            places += p->place_size;
            last = best;
            at = place;
        }
    }
}

/* ONE_HOT: along a new axis, one value where an index says, another elsewhere. */

/* interface */
#include <stdint.h>

/* Of outer x inner indices; outer x depth x inner elements. An index out of the axis says nowhere. */
typedef struct {
    int32_t outer, depth, inner;
    int32_t size;           /* bytes of an element */
    int32_t number;         /* bytes of an index: 4 or 8, little-endian */
    const int8_t *on, *off; /* an element each */
} edgeq_one_hot_params;

void edgeq_one_hot(const edgeq_one_hot_params *p, const int8_t *indices, int8_t *output) __attribute__((noinline));

/* implementation */
#include "edgeq_mem.h"

void edgeq_one_hot(const edgeq_one_hot_params *p, const int8_t *indices, int8_t *output)
{
    const size_t size = (size_t)p->size;
    for (int32_t i = 0; i < p->outer; i++, indices += p->inner * p->number) {
        for (int32_t along = 0; along < p->depth; along++) {
            for (int32_t j = 0; j < p->inner; j++, output += size) {
                int32_t index; /* of 64 bits the lower half, as the reference takes them */
                memcpy(&index, indices + j * p->number, sizeof index);
                memcpy(output, index == along ? p->on : p->off, size);
            }
        }
    }
}

/* DYNAMIC_UPDATE_SLICE at a computed place: a part goes into a tensor that lies there. */

/* interface */
#include <stdint.h>

#define EDGEQ_PLACE_AXES 6

/* Of each axis what the part has of it, what the tensor has, and the tensor's stride in bytes. */
typedef struct {
    int32_t rank, size; /* size: bytes of an element */
    const int32_t *axes; /* [rank][3] */
    int32_t number;      /* bytes of a number of the place: 4 or 8, little-endian */
    const int8_t *constant; /* the part, where it is constant */
} edgeq_place_params;

void edgeq_place(const edgeq_place_params *p, const int8_t *part, const int8_t *begin, int8_t *output)
    __attribute__((noinline));
void edgeq_place_constant(const edgeq_place_params *p, const int8_t *begin, int8_t *output) __attribute__((noinline));

/* implementation */
#include "edgeq_mem.h"

/* Where the part begins: it is moved until it lies within. */
static int32_t start_of(const edgeq_place_params *p, const int8_t *begin)
{
    int32_t start = 0;
    for (int32_t i = 0; i < p->rank; i++, begin += p->number) {
        const int32_t *axis = &p->axes[3 * i];
        const int32_t most = axis[1] - axis[0];
        int32_t at, above;
        memcpy(&at, begin, sizeof at);
        memcpy(&above, begin + p->number - sizeof above, sizeof above);
        if (p->number > 4 && above != (at < 0 ? -1 : 0)) {
            at = above < 0 ? INT32_MIN : INT32_MAX; /* where 32 bits do not reach, either end does */
        }
        start += (at < 0 ? 0 : at > most ? most : at) * axis[2];
    }
    return start;
}

void edgeq_place(const edgeq_place_params *p, const int8_t *part, const int8_t *begin, int8_t *output)
{
    int32_t at[EDGEQ_PLACE_AXES] = {0};
    const int32_t row = p->axes[3 * (p->rank - 1)] * p->size;
    int32_t i;
    output += start_of(p, begin);
    do {
        memcpy(output, part, (size_t)row);
        part += row;
        for (i = p->rank - 2; i >= 0; i--) {
            const int32_t *axis = &p->axes[3 * i];
            const int32_t back = ++at[i] < axis[0] ? 1 : 1 - axis[0];
            output += back * axis[2];
            if (back == 1) {
                break;
            }
            at[i] = 0;
        }
    } while (i >= 0);
}

void edgeq_place_constant(const edgeq_place_params *p, const int8_t *begin, int8_t *output)
{
    edgeq_place(p, p->constant, begin, output);
}

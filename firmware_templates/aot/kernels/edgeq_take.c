/* GATHER, GATHER_ND and EMBEDDING_LOOKUP by computed indices: rows of bytes. */

/* interface */
#include <stdint.h>

/* Per batch the input has `outer` tables of as many bytes as `whole`; each index picks a run of each table. */
typedef struct {
    int32_t batches, outer, count; /* count: of indices, in a batch */
    int32_t whole, run;            /* bytes */
    int32_t depth;                 /* numbers of an index */
    const int32_t *axes;           /* [depth][2]: elements, stride in bytes */
    int32_t number;                /* bytes of a number: 4 or 8, little-endian */
    const int8_t *constant;        /* the input, where it is constant */
} edgeq_take_params;

void edgeq_take(const edgeq_take_params *p, const int8_t *input, const int8_t *indices, int8_t *output)
    __attribute__((noinline));
void edgeq_take_constant(const edgeq_take_params *p, const int8_t *indices, int8_t *output) __attribute__((noinline));

/* implementation */
#include "edgeq_mem.h"

/* Where an index points to; one that points outside is taken to the end there. */
static int32_t place_of(const edgeq_take_params *p, const int8_t *index)
{
    int32_t place = 0;
    for (int32_t i = 0; i < p->depth; i++, index += p->number) {
        int32_t at;
        memcpy(&at, index, sizeof at);
        const int32_t last = p->axes[2 * i] - 1;
        place += (at < 0 ? 0 : at > last ? last : at) * p->axes[2 * i + 1];
    }
    return place;
}

void edgeq_take(const edgeq_take_params *p, const int8_t *input, const int8_t *indices, int8_t *output)
{
    const int32_t step = p->depth * p->number;
    for (int32_t batch = 0; batch < p->batches; batch++, indices += p->count * step) {
        for (int32_t i = 0; i < p->outer; i++, input += p->whole) {
            for (int32_t j = 0; j < p->count; j++, output += p->run) {
                memcpy(output, input + place_of(p, indices + j * step), (size_t)p->run);
            }
        }
    }
}

void edgeq_take_constant(const edgeq_take_params *p, const int8_t *indices, int8_t *output)
{
    edgeq_take(p, p->constant, indices, output);
}

/* SCATTER_ND by computed indices, or where several name one place: zeros, to which rows are added. */

/* interface */
#include <stdint.h>

typedef struct {
    int32_t count;                   /* of indices */
    int32_t run, size;               /* bytes of a row, and of a number in it */
    int32_t is_truth;                /* whether numbers are truth values: any makes one */
    int32_t depth;                   /* numbers of an index, each of 4 bytes */
    int32_t total;                   /* bytes of the output */
    const int32_t *axes;             /* [depth][2]: elements, stride in bytes */
    const int8_t *indices, *updates; /* where they are constant */
} edgeq_scatter_params;

void edgeq_scatter(const edgeq_scatter_params *p, const int8_t *indices, const int8_t *updates, int8_t *output)
    __attribute__((noinline));
void edgeq_scatter_at(const edgeq_scatter_params *p, const int8_t *updates, int8_t *output) __attribute__((noinline));
void edgeq_scatter_of(const edgeq_scatter_params *p, const int8_t *indices, int8_t *output) __attribute__((noinline));

/* implementation */
#include "edgeq_mem.h"

/* Where an index points to; -1 for one that points outside, at which TensorFlow Lite stops. */
static int32_t place_of(const edgeq_scatter_params *p, const int8_t *index)
{
    int32_t place = 0;
    for (int32_t i = 0; i < p->depth; i++, index += 4) {
        int32_t at;
        memcpy(&at, index, sizeof at);
        if (at < 0 || at >= p->axes[2 * i]) {
            return -1;
        }
        place += at * p->axes[2 * i + 1];
    }
    return place;
}

static void add(const edgeq_scatter_params *p, const int8_t *row, int8_t *output)
{
    const size_t size = (size_t)p->size;
    for (int32_t i = 0; i < p->run; i += p->size) {
        uint64_t a = 0, b = 0;
        memcpy(&a, row + i, size);
        memcpy(&b, output + i, size);
        const uint64_t sum = p->is_truth ? a | b : a + b;
        memcpy(output + i, &sum, size);
    }
}

void edgeq_scatter(const edgeq_scatter_params *p, const int8_t *indices, const int8_t *updates, int8_t *output)
{
    memset(output, 0, (size_t)p->total);
    for (int32_t i = 0; i < p->count; i++, indices += 4 * p->depth, updates += p->run) {
        const int32_t place = place_of(p, indices);
        if (place >= 0) {
            add(p, updates, output + place);
        }
    }
}

void edgeq_scatter_at(const edgeq_scatter_params *p, const int8_t *updates, int8_t *output)
{
    edgeq_scatter(p, p->indices, updates, output);
}

void edgeq_scatter_of(const edgeq_scatter_params *p, const int8_t *indices, int8_t *output)
{
    edgeq_scatter(p, indices, p->updates, output);
}

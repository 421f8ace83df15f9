/* What a window's values are like. */
/* interface */
#include <stdint.h>

typedef struct {
    int32_t size;
    int32_t count;
    const uint8_t *measures; /* [count]: 0 mean, 1 std, 2 rms, 3 min, 4 max */
} edgeq_statistics_params;

void edgeq_statistics(const edgeq_statistics_params *p, const int16_t *in, int16_t *out);
/* implementation */
#include "edgeq_root.h"

/* Rounded down. */
static int32_t divided(int64_t number, int32_t by)
{
    const int64_t whole = number / by;
    return (int32_t)(whole * by > number ? whole - 1 : whole);
}

static int32_t measured(uint32_t measure, int32_t size, int64_t total, uint64_t squares)
{
    uint64_t rest;
    if (measure == 0u) {
        return divided(total, size);
    }
    if (measure == 1u) {
        const uint64_t spread = (uint64_t)size * squares - (uint64_t)(total * total);
        return (int32_t)(edgeq_root64(spread, &rest) / (uint32_t)size);
    }
    return (int32_t)edgeq_root64(squares / (uint32_t)size, &rest);
}

void edgeq_statistics(const edgeq_statistics_params *p, const int16_t *in, int16_t *out)
{
    int64_t total = 0;
    uint64_t squares = 0;
    int32_t least = in[0], most = in[0];
    for (int32_t i = 0; i < p->size; ++i) {
        const int32_t value = in[i];
        total += value;
        squares += (uint32_t)(value * value);
        least = value < least ? value : least;
        most = value > most ? value : most;
    }
    for (int32_t i = 0; i < p->count; ++i) {
        const uint32_t measure = p->measures[i];
        const int32_t value = measure == 3u ? least : measure == 4u ? most : measured(measure, p->size, total, squares);
        out[i] = (int16_t)(value > 32767 ? 32767 : value);
    }
}

/* SQUARED_DIFFERENCE of INT32 numbers that mean themselves. The output may be an operand that is not repeated.
   Differences and squares wrap. */

/* interface */
#include "edgeq_integers_params.h"

void edgeq_distance_s32(const edgeq_integers_params *p, const int8_t *a, const int8_t *b, int8_t *output)
    __attribute__((noinline));
void edgeq_distance_constant_s32(const edgeq_integers_params *p, const int8_t *a, int8_t *output)
    __attribute__((noinline));

/* implementation */
#include "edgeq_integers.h"

EDGEQ_INLINE int32_t distance(const edgeq_integers_params *p, int32_t a, int32_t b)
{
    (void)p;
    const uint32_t difference = (uint32_t)a - (uint32_t)b;
    return (int32_t)(difference * difference);
}

void edgeq_distance_s32(const edgeq_integers_params *p, const int8_t *a, const int8_t *b, int8_t *output)
{
    edgeq_integers(p, a, b, output, distance);
}

void edgeq_distance_constant_s32(const edgeq_integers_params *p, const int8_t *a, int8_t *output)
{
    edgeq_integers(p, a, p->constant, output, distance);
}

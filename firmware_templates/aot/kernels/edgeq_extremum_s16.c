/* MAXIMUM and MINIMUM of int16. The output may be an operand that is not repeated. */

/* interface */
#include "edgeq_elementwise_s16.h"

typedef struct {
    int32_t largest; /* 1, or 0 for the smaller */
    EDGEQ_ELEMENTWISE_S16_FIELDS
} edgeq_extremum_s16_params;

void edgeq_extremum_s16(const edgeq_extremum_s16_params *p, const int16_t *a, const int16_t *b, int16_t *output)
    __attribute__((noinline));
void edgeq_extremum_constant_s16(const edgeq_extremum_s16_params *p, const int16_t *a, int16_t *output)
    __attribute__((noinline));

/* implementation */
EDGEQ_INLINE int16_t one(const void *params, int32_t a, int32_t b)
{
    const edgeq_extremum_s16_params *p = (const edgeq_extremum_s16_params *)params;
    return (int16_t)((a > b) == (p->largest != 0) ? a : b);
}

void edgeq_extremum_s16(const edgeq_extremum_s16_params *p, const int16_t *a, const int16_t *b, int16_t *output)
{
    const edgeq_meeting meeting = EDGEQ_MEETING(p);
    edgeq_elementwise_s16(&meeting, p, a, b, output, one);
}

void edgeq_extremum_constant_s16(const edgeq_extremum_s16_params *p, const int16_t *a, int16_t *output)
{
    edgeq_extremum_s16(p, a, p->constant, output);
}

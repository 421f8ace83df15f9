/* MAXIMUM and MINIMUM. The output may be an operand that is not repeated. */

/* interface */
#include "edgeq_broadcast.h"

/* The larger byte of two, or the smaller. */
typedef struct {
    int32_t largest; /* 1 or 0 */
    EDGEQ_BROADCAST_FIELDS
} edgeq_extremum_params;

void edgeq_extremum_s8(const edgeq_extremum_params *p, const int8_t *a, const int8_t *b, int8_t *output)
    __attribute__((noinline));
void edgeq_extremum_constant_s8(const edgeq_extremum_params *p, const int8_t *a, int8_t *output)
    __attribute__((noinline));

/* implementation */
static void largest_run(const edgeq_extremum_params *p, const int8_t *a, const int8_t *b, int8_t *output)
{
    const int32_t a_step = p->a_step, b_step = p->b_step;
    for (int32_t left = p->run; left > 0; left--) {
        *output++ = *a > *b ? *a : *b;
        a += a_step;
        b += b_step;
    }
}

static void smallest_run(const edgeq_extremum_params *p, const int8_t *a, const int8_t *b, int8_t *output)
{
    const int32_t a_step = p->a_step, b_step = p->b_step;
    for (int32_t left = p->run; left > 0; left--) {
        *output++ = *a < *b ? *a : *b;
        a += a_step;
        b += b_step;
    }
}

void edgeq_extremum_s8(const edgeq_extremum_params *p, const int8_t *a, const int8_t *b, int8_t *output)
{
    edgeq_broadcast_place place = {{0}};
    do {
        if (p->largest) {
            largest_run(p, a, b, output);
        } else {
            smallest_run(p, a, b, output);
        }
        output += p->run;
    } while (edgeq_broadcast_next(&place, p->loop_count, p->loops, &a, &b));
}

void edgeq_extremum_constant_s8(const edgeq_extremum_params *p, const int8_t *a, int8_t *output)
{
    edgeq_extremum_s8(p, a, p->constant, output);
}

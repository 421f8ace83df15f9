/* ADD in one affine step. The output may be an operand that is not repeated. */
#include "edgeq_broadcast.h"
#include "edgeq_fixed_point.h"

#define SUM(a, b) (int8_t) edgeq_clamp((offset + (a) * a_multiplier + (b) * b_multiplier) >> shift, low, high)

static void add_run(const edgeq_add_params *p, const int8_t *a, const int8_t *b, int8_t *output)
{
    const int32_t a_multiplier = p->a_multiplier, b_multiplier = p->b_multiplier;
    const int32_t offset = p->offset, shift = p->shift, low = p->low, high = p->high;
    const int32_t a_step = p->a_step, b_step = p->b_step;
    int32_t left = p->run;
    if (a_step == 1 && b_step == 1) {
        for (; left >= 4; left -= 4) {
            const int8_t y0 = SUM(a[0], b[0]), y1 = SUM(a[1], b[1]), y2 = SUM(a[2], b[2]), y3 = SUM(a[3], b[3]);
            output[0] = y0;
            output[1] = y1;
            output[2] = y2;
            output[3] = y3;
            a += 4;
            b += 4;
            output += 4;
        }
    }
    for (; left > 0; left--) {
        *output++ = SUM(*a, *b);
        a += a_step;
        b += b_step;
    }
}

void edgeq_add_s8(const edgeq_add_params *p, const int8_t *a, const int8_t *b, int8_t *output)
{
    edgeq_broadcast_place place = {{0}};
    do {
        add_run(p, a, b, output);
        output += p->run;
    } while (edgeq_broadcast_next(&place, p->loop_count, p->loops, &a, &b));
}

void edgeq_add_constant_s8(const edgeq_add_params *p, const int8_t *a, int8_t *output)
{
    edgeq_add_s8(p, a, p->constant, output);
}

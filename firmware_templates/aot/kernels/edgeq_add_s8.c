/* ADD in one affine step. The output may be an operand that is not repeated. */

/* interface */
#include "edgeq_broadcast.h"

/* ADD where (a * a_multiplier + b * b_multiplier + offset) >> shift is exact for every pair of bytes. */
typedef struct {
    int32_t a_multiplier, b_multiplier, offset, shift;
    int32_t low, high;
    EDGEQ_BROADCAST_FIELDS
} edgeq_add_params;

void edgeq_add_s8(const edgeq_add_params *p, const int8_t *a, const int8_t *b, int8_t *output)
    __attribute__((noinline));
void edgeq_add_constant_s8(const edgeq_add_params *p, const int8_t *a, int8_t *output) __attribute__((noinline));

/* implementation */
#include "edgeq_arith.h"
#include "edgeq_fixed_point.h"

EDGEQ_INLINE int32_t add(const edgeq_add_params *p, int32_t a, int32_t b)
{
    return edgeq_saturate8((p->offset + a * p->a_multiplier + b * p->b_multiplier) >> p->shift);
}

/* Both operands advance, and nothing but the range of int8 limits the output: most additions. */
static __attribute__((noinline)) void add_plain(const edgeq_add_params *parameters, const int8_t *a, const int8_t *b,
                                                int8_t *output)
{
    const edgeq_add_params p = *parameters; /* held in registers */
    const int8_t *end = output + p.run;
    EDGEQ_ROLLED
    while (end - output >= 4) {
        output[0] = (int8_t)add(&p, a[0], b[0]);
        output[1] = (int8_t)add(&p, a[1], b[1]);
        output[2] = (int8_t)add(&p, a[2], b[2]);
        output[3] = (int8_t)add(&p, a[3], b[3]);
        a += 4;
        b += 4;
        output += 4;
    }
    EDGEQ_ROLLED
    while (output < end) {
        *output++ = (int8_t)add(&p, *a++, *b++);
    }
}

static __attribute__((noinline)) void add_any(const edgeq_add_params *parameters, const int8_t *a, const int8_t *b,
                                              int8_t *output)
{
    const edgeq_add_params p = *parameters;
    const int8_t *end = output + p.run;
    while (output < end) {
        *output++ = (int8_t)edgeq_clamp(add(&p, *a, *b), p.low, p.high);
        a += p.a_step;
        b += p.b_step;
    }
}

void edgeq_add_s8(const edgeq_add_params *p, const int8_t *a, const int8_t *b, int8_t *output)
{
    const int plain = p->a_step == 1 && p->b_step == 1 && p->low == -128 && p->high == 127;
    edgeq_broadcast_place place = {{0}};
    do {
        if (plain) {
            add_plain(p, a, b, output);
        } else {
            add_any(p, a, b, output);
        }
        output += p->run;
    } while (edgeq_broadcast_next(&place, p->loop_count, p->loops, &a, &b));
}

void edgeq_add_constant_s8(const edgeq_add_params *p, const int8_t *a, int8_t *output)
{
    edgeq_add_s8(p, a, p->constant, output);
}

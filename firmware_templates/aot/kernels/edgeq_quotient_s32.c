/* FLOOR_DIV and FLOOR_MOD of integers. Division by 0, at which TensorFlow Lite stops, gives 0. The output may be
   an operand that is not repeated. */

/* interface */
#include "edgeq_integers_params.h"

/* what: 0 the quotient, rounded down; 1 what is left, of the divisor's sign */
void edgeq_quotient_s32(const edgeq_integers_params *p, const int8_t *a, const int8_t *b, int8_t *output)
    __attribute__((noinline));
void edgeq_quotient_constant_s32(const edgeq_integers_params *p, const int8_t *a, int8_t *output)
    __attribute__((noinline));

/* implementation */
#include "edgeq_integers.h"

EDGEQ_INLINE int32_t quotient(const edgeq_integers_params *p, int32_t a, int32_t b)
{
    if (b == 0) {
        return 0;
    }
    if (b == -1) { /* the smallest number has no opposite */
        return p->what ? 0 : (int32_t)(0u - (uint32_t)a);
    }
    const int32_t whole = a / b, left = a - whole * b;
    const int below = left != 0 && (left < 0) != (b < 0);
    if (p->what) {
        return below ? left + b : left;
    }
    return below ? whole - 1 : whole;
}

void edgeq_quotient_s32(const edgeq_integers_params *p, const int8_t *a, const int8_t *b, int8_t *output)
{
    edgeq_integers(p, a, b, output, quotient);
}

void edgeq_quotient_constant_s32(const edgeq_integers_params *p, const int8_t *a, int8_t *output)
{
    edgeq_integers(p, a, p->constant, output, quotient);
}

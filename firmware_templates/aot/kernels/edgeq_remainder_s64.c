/* FLOOR_MOD of INT64: what is left of a quotient that is rounded down. Division by 0, at which TensorFlow Lite
   stops, gives 0. The output may be an operand that is not repeated. */

/* interface */
#include "edgeq_integers_params.h"

void edgeq_remainder_s64(const edgeq_integers_params *p, const int8_t *a, const int8_t *b, int8_t *output)
    __attribute__((noinline));
void edgeq_remainder_constant_s64(const edgeq_integers_params *p, const int8_t *a, int8_t *output)
    __attribute__((noinline));

/* implementation */
#include "edgeq_mem.h"

static int64_t remainder_of(int64_t a, int64_t b)
{
    if (b == 0 || b == -1) {
        return 0;
    }
    const int64_t left = a % b;
    return left != 0 && (left < 0) != (b < 0) ? left + b : left;
}

void edgeq_remainder_s64(const edgeq_integers_params *p, const int8_t *a, const int8_t *b, int8_t *output)
{
    edgeq_broadcast_place place = {{0}};
    do {
        const int8_t *x = a, *y = b;
        for (int32_t left = p->run; left > 0; left--) {
            int64_t first, second;
            memcpy(&first, x, sizeof first);
            memcpy(&second, y, sizeof second);
            const int64_t result = p->swapped ? remainder_of(second, first) : remainder_of(first, second);
            memcpy(output, &result, sizeof result);
            output += sizeof result;
            x += p->a_step;
            y += p->b_step;
        }
    } while (edgeq_broadcast_next(&place, p->loop_count, p->loops, &a, &b));
}

void edgeq_remainder_constant_s64(const edgeq_integers_params *p, const int8_t *a, int8_t *output)
{
    edgeq_remainder_s64(p, a, p->constant, output);
}

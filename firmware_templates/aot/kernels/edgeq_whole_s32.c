/* Arithmetic and comparisons of INT32 numbers that mean themselves. The output may be an operand that is not
   repeated. Sums and products wrap. */

/* interface */
#include "edgeq_broadcast.h"

/* Steps and strides are in bytes. */
typedef struct {
    int32_t what; /* 0 sum, 1 difference, 2 product, 3 larger, 4 smaller, 5 order, 6 difference of b and a */
    int32_t size;                                /* bytes of a result */
    int32_t low, high;                           /* of arithmetic: what is left of the result */
    int32_t when_less, when_equal, when_greater; /* of an order: what comes out, a byte */
    EDGEQ_BROADCAST_FIELDS
} edgeq_whole_params;

void edgeq_whole_s32(const edgeq_whole_params *p, const int8_t *a, const int8_t *b, int8_t *output)
    __attribute__((noinline));
void edgeq_whole_constant_s32(const edgeq_whole_params *p, const int8_t *a, int8_t *output) __attribute__((noinline));

/* implementation */
#include "edgeq_mem.h"

static int32_t result_of(const edgeq_whole_params *p, int32_t a, int32_t b)
{
    int32_t y;
    switch (p->what) {
    case 0:
        y = (int32_t)((uint32_t)a + (uint32_t)b);
        break;
    case 1:
        y = (int32_t)((uint32_t)a - (uint32_t)b);
        break;
    case 2:
        y = (int32_t)((uint32_t)a * (uint32_t)b);
        break;
    case 6:
        y = (int32_t)((uint32_t)b - (uint32_t)a);
        break;
    case 3:
        return a > b ? a : b;
    case 4:
        return a < b ? a : b;
    default:
        return a < b ? p->when_less : a > b ? p->when_greater : p->when_equal;
    }
    return y < p->low ? p->low : y > p->high ? p->high : y;
}

void edgeq_whole_s32(const edgeq_whole_params *p, const int8_t *a, const int8_t *b, int8_t *output)
{
    const size_t size = (size_t)p->size;
    edgeq_broadcast_place place = {{0}};
    do {
        const int8_t *x = a, *y = b;
        for (int32_t left = p->run; left > 0; left--) {
            int32_t first, second;
            memcpy(&first, x, 4);
            memcpy(&second, y, 4);
            const int32_t result = result_of(p, first, second);
            memcpy(output, &result, size);
            output += size;
            x += p->a_step;
            y += p->b_step;
        }
    } while (edgeq_broadcast_next(&place, p->loop_count, p->loops, &a, &b));
}

void edgeq_whole_constant_s32(const edgeq_whole_params *p, const int8_t *a, int8_t *output)
{
    edgeq_whole_s32(p, a, p->constant, output);
}

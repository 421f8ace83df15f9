/* DIV of INT32 numbers that mean themselves, cut towards zero. Division by 0, at which TensorFlow Lite stops, gives 0.
   The output may be an operand that is not repeated. */

/* interface */
#include "edgeq_broadcast.h"

/* Steps and strides are in bytes. */
typedef struct {
    int32_t swapped;   /* whether the second operand is the dividend */
    int32_t low, high; /* what is left of the result */
    EDGEQ_BROADCAST_FIELDS
} edgeq_div_s32_params;

void edgeq_div_s32(const edgeq_div_s32_params *p, const int8_t *a, const int8_t *b, int8_t *output)
    __attribute__((noinline));
void edgeq_div_constant_s32(const edgeq_div_s32_params *p, const int8_t *a, int8_t *output) __attribute__((noinline));

/* implementation */
#include "edgeq_mem.h"

static int32_t ratio_of(int32_t dividend, int32_t divisor)
{
    if (divisor == -1) { /* the smallest number has no opposite */
        return (int32_t)(0u - (uint32_t)dividend);
    }
    return divisor == 0 ? 0 : dividend / divisor;
}

void edgeq_div_s32(const edgeq_div_s32_params *p, const int8_t *a, const int8_t *b, int8_t *output)
{
    edgeq_broadcast_place place = {{0}};
    do {
        const int8_t *x = a, *y = b;
        for (int32_t left = p->run; left > 0; left--) {
            int32_t first, second;
            memcpy(&first, x, 4);
            memcpy(&second, y, 4);
            const int32_t ratio = p->swapped ? ratio_of(second, first) : ratio_of(first, second);
            const int32_t result = ratio < p->low ? p->low : ratio > p->high ? p->high : ratio;
            memcpy(output, &result, 4);
            output += 4;
            x += p->a_step;
            y += p->b_step;
        }
    } while (edgeq_broadcast_next(&place, p->loop_count, p->loops, &a, &b));
}

void edgeq_div_constant_s32(const edgeq_div_s32_params *p, const int8_t *a, int8_t *output)
{
    edgeq_div_s32(p, a, p->constant, output);
}

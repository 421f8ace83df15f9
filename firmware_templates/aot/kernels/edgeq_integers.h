/* What operators of two integers that mean themselves share, of any width up to 32 bits. */
#ifndef EDGEQ_INTEGERS_H
#define EDGEQ_INTEGERS_H

#include "edgeq_arith.h"
#include "edgeq_integers_params.h"
#include "edgeq_mem.h"

EDGEQ_INLINE int32_t edgeq_integer(const edgeq_integers_params *p, const int8_t *at)
{
    if (p->size == 1) {
        return p->is_unsigned ? (int32_t)(uint8_t)*at : (int32_t)*at;
    }
    if (p->size == 2) {
        int16_t half;
        memcpy(&half, at, sizeof half);
        return half;
    }
    int32_t whole;
    memcpy(&whole, at, sizeof whole);
    return whole;
}

/* output = of(p, a, b), element by element, cut to the width. */
EDGEQ_INLINE void edgeq_integers(const edgeq_integers_params *p, const int8_t *a, const int8_t *b, int8_t *output,
                                 int32_t (*of)(const edgeq_integers_params *, int32_t, int32_t))
{
    const size_t size = (size_t)p->size;
    edgeq_broadcast_place place = {{0}};
    do {
        const int8_t *x = a, *y = b;
        for (int32_t left = p->run; left > 0; left--) {
            const int32_t first = edgeq_integer(p, x), second = edgeq_integer(p, y);
            const int32_t result = p->swapped ? of(p, second, first) : of(p, first, second);
            memcpy(output, &result, size);
            output += size;
            x += p->a_step;
            y += p->b_step;
        }
    } while (edgeq_broadcast_next(&place, p->loop_count, p->loops, &a, &b));
}

#endif

/* What int16 operators of two operands share: how the operands meet. */
#ifndef EDGEQ_ELEMENTWISE_S16_H
#define EDGEQ_ELEMENTWISE_S16_H

#include <stdint.h>

#include "edgeq_arith.h"
#include "edgeq_broadcast.h"

/* As EDGEQ_BROADCAST_FIELDS, of int16 operands. */
#define EDGEQ_ELEMENTWISE_S16_FIELDS                                                                    \
    int32_t run, a_step, b_step;                                                                        \
    int32_t loop_count;                                                                                 \
    const int32_t *loops;    /* [loop_count][3]: count, stride of a, stride of b */                     \
    const int16_t *constant; /* b, where it is constant */

/* The fields of any kernel's parameters, told by themselves. */
typedef struct {
    int32_t run, a_step, b_step;
    int32_t loop_count;
    const int32_t *loops;
} edgeq_meeting;

#define EDGEQ_MEETING(p) {(p)->run, (p)->a_step, (p)->b_step, (p)->loop_count, (p)->loops}

/* output = of(params, a, b), element by element. */
EDGEQ_INLINE void edgeq_elementwise_s16(const edgeq_meeting *m, const void *params, const int16_t *a, const int16_t *b,
                                        int16_t *output, int16_t (*of)(const void *, int32_t, int32_t))
{
    int32_t index[EDGEQ_BROADCAST_LOOPS] = {0};
    for (;;) {
        const int16_t *from_a = a, *from_b = b;
        for (int32_t left = m->run; left > 0; left--) {
            *output++ = of(params, *from_a, *from_b);
            from_a += m->a_step;
            from_b += m->b_step;
        }
        int32_t i = m->loop_count - 1;
        for (; i >= 0; i--) {
            const int32_t *loop = &m->loops[3 * i];
            a += loop[1];
            b += loop[2];
            if (++index[i] < loop[0]) {
                break;
            }
            a -= loop[0] * loop[1];
            b -= loop[0] * loop[2];
            index[i] = 0;
        }
        if (i < 0) {
            return;
        }
    }
}

#endif

/* What operators of two operands share: how the operands meet. */
#ifndef EDGEQ_BROADCAST_H
#define EDGEQ_BROADCAST_H

#include <stdint.h>

/* How two operands meet: `run` elements contiguous in the output, in which an operand advances (step 1) or one
   element serves all (step 0); around them loop_count loops, outermost first. */
#define EDGEQ_BROADCAST_LOOPS 7
#define EDGEQ_BROADCAST_FIELDS                                                                          \
    int32_t run, a_step, b_step;                                                                        \
    int32_t loop_count;                                                                                 \
    const int32_t *loops;   /* [loop_count][3]: count, stride of a, stride of b */                      \
    const int8_t *constant; /* b, where it is constant */

typedef struct {
    int32_t index[EDGEQ_BROADCAST_LOOPS];
} edgeq_broadcast_place;

/* Goes to the next run; 0 after the last. `place` begins as zeros. */
static inline int edgeq_broadcast_next(edgeq_broadcast_place *place, int32_t loop_count, const int32_t *loops,
                                       const int8_t **a, const int8_t **b)
{
    for (int32_t i = loop_count - 1; i >= 0; i--) {
        const int32_t *loop = &loops[3 * i];
        *a += loop[1];
        *b += loop[2];
        if (++place->index[i] < loop[0]) {
            return 1;
        }
        *a -= loop[0] * loop[1];
        *b -= loop[0] * loop[2];
        place->index[i] = 0;
    }
    return 0;
}

#endif

/* Every operator that moves bytes without changing them. Input and output must not overlap. */

/* interface */
#include <stdint.h>

/* Bytes from places in the input to places in the output: `run` bytes in the innermost loop, around them loop_count
   loops, innermost first. A loop goes on by a stride, or by steps of its own. */
#define EDGEQ_MOVE_LOOPS 8
typedef struct {
    int32_t start, output_start; /* of the first byte */
    int32_t run, step, output_step;
    int32_t loop_count;
    const int32_t *loops;   /* [loop_count][4]: count, stride, stride in the output, first of its steps or -1 */
    const int32_t *steps;   /* pairs, input and output: to the next place; after the last one back to the first */
    int32_t fill, value;    /* how many bytes of the output have this value before; 0 where all are moved to */
    const int8_t *constant; /* the input, where it is constant */
} edgeq_move_params;

void edgeq_move_s8(const edgeq_move_params *p, const int8_t *input, int8_t *output) __attribute__((noinline));
void edgeq_move_constant_s8(const edgeq_move_params *p, int8_t *output) __attribute__((noinline));

/* implementation */
#include "edgeq_mem.h"

void edgeq_move_s8(const edgeq_move_params *p, const int8_t *input, int8_t *output)
{
    int32_t index[EDGEQ_MOVE_LOOPS] = {0};
    if (p->fill > 0) {
        memset(output, p->value, (size_t)p->fill);
    }
    input += p->start;
    output += p->output_start;
    for (;;) {
        if (p->step == 1 && p->output_step == 1) {
            memcpy(output, input, (size_t)p->run);
        } else {
            const int8_t *from = input;
            int8_t *to = output;
            for (int32_t left = p->run; left > 0; left--) {
                *to = *from;
                from += p->step;
                to += p->output_step;
            }
        }
        int32_t i = 0;
        for (; i < p->loop_count; i++) {
            const int32_t *loop = &p->loops[4 * i];
            const int32_t at = index[i]++;
            const int is_last = index[i] == loop[0];
            if (loop[3] >= 0) {
                input += p->steps[loop[3] + 2 * at];
                output += p->steps[loop[3] + 2 * at + 1];
            } else if (is_last) {
                input -= at * loop[1];
                output -= at * loop[2];
            } else {
                input += loop[1];
                output += loop[2];
            }
            if (!is_last) {
                break;
            }
            index[i] = 0;
        }
        if (i == p->loop_count) {
            return;
        }
    }
}

void edgeq_move_constant_s8(const edgeq_move_params *p, int8_t *output)
{
    edgeq_move_s8(p, p->constant, output);
}

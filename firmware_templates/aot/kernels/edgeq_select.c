/* SELECT and SELECT_V2: elements of one tensor or of another, as truth values say. */

/* interface */
#include <stdint.h>

#define EDGEQ_SELECT_LOOPS 7

/* Runs of elements, contiguous in the output, in which an input advances by its step (in bytes; 0 where one
   element serves all); around them loop_count loops, outermost first. Inputs that are constant are given here. */
typedef struct {
    int32_t run, size; /* elements, bytes of one */
    int32_t when_step, a_step, b_step;
    int32_t loop_count;
    const int32_t *loops; /* [loop_count][4]: count, strides of the truth values, of a, of b in bytes */
    const int8_t *when, *a, *b;
} edgeq_select_params;

void edgeq_select(const edgeq_select_params *p, const int8_t *when, const int8_t *a, const int8_t *b, int8_t *output)
    __attribute__((noinline));
void edgeq_select_when(const edgeq_select_params *p, const int8_t *a, const int8_t *b, int8_t *output)
    __attribute__((noinline));
void edgeq_select_a(const edgeq_select_params *p, const int8_t *when, const int8_t *b, int8_t *output)
    __attribute__((noinline));
void edgeq_select_b(const edgeq_select_params *p, const int8_t *when, const int8_t *a, int8_t *output)
    __attribute__((noinline));
void edgeq_select_a_b(const edgeq_select_params *p, const int8_t *when, int8_t *output) __attribute__((noinline));
void edgeq_select_when_a(const edgeq_select_params *p, const int8_t *b, int8_t *output) __attribute__((noinline));
void edgeq_select_when_b(const edgeq_select_params *p, const int8_t *a, int8_t *output) __attribute__((noinline));

/* implementation */
static void select_run(const edgeq_select_params *p, const int8_t *when, const int8_t *a, const int8_t *b,
                       int8_t *output)
{
    for (int32_t left = p->run; left > 0; left--) {
        const int8_t *from = *when ? a : b;
        for (int32_t i = 0; i < p->size; i++) {
            *output++ = from[i];
        }
        when += p->when_step;
        a += p->a_step;
        b += p->b_step;
    }
}

void edgeq_select(const edgeq_select_params *p, const int8_t *when, const int8_t *a, const int8_t *b, int8_t *output)
{
    int32_t place[EDGEQ_SELECT_LOOPS] = {0};
    int32_t i;
    do {
        select_run(p, when, a, b, output);
        output += p->run * p->size;
        for (i = p->loop_count - 1; i >= 0; i--) {
            const int32_t *loop = &p->loops[4 * i];
            const int32_t back = ++place[i] < loop[0] ? 1 : 1 - loop[0];
            when += back * loop[1];
            a += back * loop[2];
            b += back * loop[3];
            if (back == 1) {
                break;
            }
            place[i] = 0;
        }
    } while (i >= 0);
}

void edgeq_select_when(const edgeq_select_params *p, const int8_t *a, const int8_t *b, int8_t *output)
{
    edgeq_select(p, p->when, a, b, output);
}

void edgeq_select_a(const edgeq_select_params *p, const int8_t *when, const int8_t *b, int8_t *output)
{
    edgeq_select(p, when, p->a, b, output);
}

void edgeq_select_b(const edgeq_select_params *p, const int8_t *when, const int8_t *a, int8_t *output)
{
    edgeq_select(p, when, a, p->b, output);
}

void edgeq_select_a_b(const edgeq_select_params *p, const int8_t *when, int8_t *output)
{
    edgeq_select(p, when, p->a, p->b, output);
}

void edgeq_select_when_a(const edgeq_select_params *p, const int8_t *b, int8_t *output)
{
    edgeq_select(p, p->when, p->a, b, output);
}

void edgeq_select_when_b(const edgeq_select_params *p, const int8_t *a, int8_t *output)
{
    edgeq_select(p, p->when, a, p->b, output);
}

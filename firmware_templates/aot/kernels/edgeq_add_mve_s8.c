/* ADD in one affine step, four elements at once by Helium. The output may be an operand that is not repeated. */

/* interface */
#include "edgeq_broadcast.h"

/* ADD where (a * a_multiplier + b * b_multiplier + offset) >> shift is exact for every pair of bytes. */
typedef struct {
    int32_t a_multiplier, b_multiplier, offset, shift;
    int32_t low, high;
    EDGEQ_BROADCAST_FIELDS
} edgeq_add_mve_params;

void edgeq_add_mve_s8(const edgeq_add_mve_params *p, const int8_t *a, const int8_t *b, int8_t *output)
    __attribute__((noinline));
void edgeq_add_mve_constant_s8(const edgeq_add_mve_params *p, const int8_t *a, int8_t *output)
    __attribute__((noinline));

/* implementation */
#include "edgeq_mve.h"

/* In assembly, since gcc makes no loop that predicates its own end:
 *
 *     for (i = 0; i < count; i++)
 *         output[i] = clamp((a[i] * a_multiplier + b[i] * b_multiplier + offset) >> shift);
 */
static void add(const edgeq_add_mve_params *p, const int8_t *a, int32_t a_multiplier, const int8_t *b,
                int32_t b_multiplier, int32_t offset, int8_t *output)
{
    const int32x4_t factor = vdupq_n_s32(a_multiplier);
    const int32x4_t low = vdupq_n_s32(p->low), high = vdupq_n_s32(p->high);
    __asm__ volatile("wlstp.32 lr, %[count], 2f\n"
                     "1:\n\t"
                     "vldrb.s32 q0, [%[a]], #4\n\t"
                     "vldrb.s32 q1, [%[b]], #4\n\t"
                     "vmlas.s32 q0, %q[factor], %[offset]\n\t"
                     "vmla.s32 q0, q1, %[multiplier]\n\t"
                     "vshl.s32 q0, %[shift]\n\t"
                     "vmax.s32 q0, q0, %q[low]\n\t"
                     "vmin.s32 q0, q0, %q[high]\n\t"
                     "vstrb.32 q0, [%[output]], #4\n\t"
                     "letp lr, 1b\n"
                     "2:"
                     : [a] "+l"(a), [b] "+l"(b), [output] "+l"(output)
                     : [count] "r"(p->run), [offset] "r"(offset), [multiplier] "r"(b_multiplier),
                       [shift] "r"(-p->shift), [factor] "w"(factor), [low] "w"(low), [high] "w"(high)
                     : "lr", "q0", "q1", "memory");
}

void edgeq_add_mve_s8(const edgeq_add_mve_params *p, const int8_t *a, const int8_t *b, int8_t *output)
{
    edgeq_broadcast_place place = {{0}};
    do { /* one element that serves all is a part of the offset */
        if (p->a_step == 0) {
            add(p, b, 0, b, p->b_multiplier, p->offset + *a * p->a_multiplier, output);
        } else if (p->b_step == 0) {
            add(p, a, p->a_multiplier, a, 0, p->offset + *b * p->b_multiplier, output);
        } else {
            add(p, a, p->a_multiplier, b, p->b_multiplier, p->offset, output);
        }
        output += p->run;
    } while (edgeq_broadcast_next(&place, p->loop_count, p->loops, &a, &b));
}

void edgeq_add_mve_constant_s8(const edgeq_add_mve_params *p, const int8_t *a, int8_t *output)
{
    edgeq_add_mve_s8(p, a, p->constant, output);
}

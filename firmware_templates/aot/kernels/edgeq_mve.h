/* What the kernels for Helium share: copies with a predicated end, requantization of four lanes, bounds. */
#ifndef EDGEQ_MVE_H
#define EDGEQ_MVE_H

#include <arm_mve.h>
#include <stdint.h>

#include "edgeq_arith.h"

#define EDGEQ_VECTOR 16 /* bytes of a register */
#define EDGEQ_ASSEMBLY static __attribute__((naked, noinline, unused)) void

/* Steps of sixteen inputs are taken two at a time behind the first: the pairs behind the one that is begun, times two, and
 * 1 where only the second half of that one is due; negative where there are no more steps. */
EDGEQ_INLINE int32_t edgeq_steps_rest(int32_t steps)
{
    const int32_t left = steps - 1;
    return left & 1 ? left : left - 2;
}

/* Copies count bytes, and gives the place behind them. In assembly, since gcc makes no loop that predicates its own end:
 *
 *     for (i = 0; i < count; i++)
 *         to[i] = from[i];
 */
static inline int8_t *edgeq_copy_mve(int8_t *to, const int8_t *from, int32_t count)
{
    int8_t *const end = to + count;
    __asm__ volatile("wlstp.8 lr, %[count], 2f\n"
                     "1:\n\t"
                     "vldrb.8 q0, [%[from]], #16\n\t"
                     "vstrb.8 q0, [%[to]], #16\n\t"
                     "letp lr, 1b\n"
                     "2:"
                     : [from] "+r"(from), [to] "+r"(to)
                     : [count] "r"(count)
                     : "lr", "q0", "memory");
    return end;
}

/* The same with one value in the place of from[i]. */
static inline int8_t *edgeq_fill_mve(int8_t *to, int32_t value, int32_t count)
{
    int8_t *const end = to + count;
    __asm__ volatile("vdup.8 q0, %[value]\n\t"
                     "wlstp.8 lr, %[count], 2f\n"
                     "1:\n\t"
                     "vstrb.8 q0, [%[to]], #16\n\t"
                     "letp lr, 1b\n"
                     "2:"
                     : [to] "+r"(to)
                     : [count] "r"(count), [value] "r"(value)
                     : "lr", "q0", "memory");
    return end;
}

/* Narrower bounds than int8's, by a fused activation that does not end where int8 does. */
static inline void edgeq_bound_mve(int8_t *values, int32_t count, int32_t low, int32_t high)
{
    if (low == -128 && high == 127) {
        return;
    }
    const int8x16_t least = vdupq_n_s8((int8_t)low), most = vdupq_n_s8((int8_t)high);
    for (; count > 0; count -= EDGEQ_VECTOR, values += EDGEQ_VECTOR) {
        const mve_pred16_t some = vctp8q((uint32_t)count);
        vstrbq_p_s8(values, vminq_s8(vmaxq_s8(vldrbq_z_s8(values, some), least), most), some);
    }
}

#endif

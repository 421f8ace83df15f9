/* What the assembly of edgeq_sixteen_v6m.h computes, in C. */
#ifndef EDGEQ_SIXTEEN_V6M_EMULATED_H
#define EDGEQ_SIXTEEN_V6M_EMULATED_H

#include "edgeq_arith.h"
#include "edgeq_requantize_v6m.h"
#include "edgeq_sixteen.h"

EDGEQ_INLINE void edgeq_sixteen_of(const edgeq_sixteen *p, edgeq_form form)
{
    int8_t *output = p->output;
    for (int i = 0; i < 16; i++, output += p->pixel_bytes) {
        *output = edgeq_requantize_sum(p->sums[i], p->requant, form);
        output += i % 4 == 3 ? p->gap_bytes : 0;
    }
}

#endif

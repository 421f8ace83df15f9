/* The windows of a convolution's pixels, one behind the other, as pairs of halfwords. */
#ifndef EDGEQ_GATHER_DSP_H
#define EDGEQ_GATHER_DSP_H

#include <stdint.h>

#include "edgeq_arith.h"
#include "edgeq_conv.h"
#include "edgeq_conv_params.h"
#include "edgeq_gather_rows.h"

/* Bytes of scratch: four pixels' inputs as halfwords, and room to gather one pixel's bytes. */
static inline int32_t edgeq_conv_dsp_scratch(const edgeq_conv_params *p)
{
    return 8 * p->depth + (edgeq_conv_is_direct(p) ? 0 : p->depth + 4);
}

/* Where the kernel stands: the input under its first tap, were it not cut off; positions left in the row. Where pixels are
 * read as they lie, one behind the other, all of them are one row. */
typedef struct {
    edgeq_gather_rows rows; /* from there, into the words */
    int32_t top, left, columns;
    int32_t row_step; /* in bytes, beside that to the next position, to the next row */
    int direct;
} edgeq_conv_place;

edgeq_conv_place edgeq_gather_first_dsp(const edgeq_conv_params *p, const int8_t *input, uint32_t *words);

/* The inputs of the next `count` positions, to words 4 apart (edgeq_widen.h); of one alone side by side. Of every row of
 * the kernel first the bytes that fill words, then what is left of all rows, one behind the other, as the weights are
 * ordered. The channels are of the group that `input` starts with; the zero point stands where the kernel hangs over the
 * edge (the bias counts on it). Up to p->depth follows what was there: the weights are zero. */
void edgeq_gather_dsp(const edgeq_conv_params *p, const int8_t *input, edgeq_conv_place *place, int32_t count,
                      uint32_t *words);

#endif

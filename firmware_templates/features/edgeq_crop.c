/* A part of an image. */
/* interface */
#include <stdint.h>

typedef struct {
    int32_t first;  /* byte of the image */
    int32_t stride; /* bytes of a row of the image */
    int32_t row;    /* bytes of a row of the part */
    int32_t rows;
} edgeq_crop_params;

void edgeq_crop(const edgeq_crop_params *p, const uint8_t *in, uint8_t *out);
/* implementation */
#include "edgeq_mem.h"

void edgeq_crop(const edgeq_crop_params *p, const uint8_t *in, uint8_t *out)
{
    const uint8_t *from = in + p->first;
    for (int32_t y = 0; y < p->rows; ++y) {
        memcpy(out, from, (uint32_t)p->row);
        from += p->stride;
        out += p->row;
    }
}

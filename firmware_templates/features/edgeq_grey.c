/* Colours to grey, by weights with 16 bits behind the point. */
/* interface */
#include <stdint.h>

typedef struct {
    int32_t pixels;
    int32_t step; /* bytes of a pixel */
    int32_t weight_0, weight_1, weight_2;
} edgeq_grey_params;

void edgeq_grey(const edgeq_grey_params *p, const uint8_t *in, uint8_t *out);
/* implementation */
void edgeq_grey(const edgeq_grey_params *p, const uint8_t *in, uint8_t *out)
{
    for (int32_t i = 0; i < p->pixels; ++i) {
        out[i] = (uint8_t)((in[0] * p->weight_0 + in[1] * p->weight_1 + in[2] * p->weight_2 + 0x8000) >> 16);
        in += p->step;
    }
}

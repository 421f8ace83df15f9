/* Colours in another order. */
/* interface */
#include <stdint.h>

typedef struct {
    int32_t pixels;
    int32_t step; /* bytes of a pixel */
    int32_t from_0, from_1, from_2;
} edgeq_order_params;

void edgeq_order(const edgeq_order_params *p, const uint8_t *in, uint8_t *out);
/* implementation */
void edgeq_order(const edgeq_order_params *p, const uint8_t *in, uint8_t *out)
{
    for (int32_t i = 0; i < p->pixels; ++i) {
        out[0] = in[p->from_0];
        out[1] = in[p->from_1];
        out[2] = in[p->from_2];
        in += p->step;
        out += 3;
    }
}

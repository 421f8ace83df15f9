/* Cosine sums of logarithms: cepstral coefficients. */
/* interface */
#include <stdint.h>

typedef struct {
    int32_t channels;
    int32_t coefficients;
    int32_t shift;
    const int16_t *table; /* [coefficients][channels] */
} edgeq_dct_params;

void edgeq_dct(const edgeq_dct_params *p, const int16_t *in, int16_t *out);
/* implementation */
void edgeq_dct(const edgeq_dct_params *p, const int16_t *in, int16_t *out)
{
    const int16_t *cosine = p->table;
    for (int32_t k = 0; k < p->coefficients; ++k) {
        int32_t total = 1 << (p->shift - 1);
        for (int32_t i = 0; i < p->channels; ++i) {
            total += in[i] * *cosine++;
        }
        total >>= p->shift;
        out[k] = (int16_t)(total < -32768 ? -32768 : total > 32767 ? 32767 : total);
    }
}

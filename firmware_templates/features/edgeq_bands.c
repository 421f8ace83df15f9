/* Power, weighted by triangles: a bin's rising and falling weight make one, so that it takes one product. */
/* interface */
#include <stdint.h>

typedef struct {
    int32_t channels;
    int32_t first;           /* the first bin of the first triangle */
    const uint16_t *ends;    /* [channels + 1]: how many bins lie before each further corner */
    const uint16_t *weights; /* of each bin from the first on, by which it rises; 12 bits behind the point */
} edgeq_bands_params;

void edgeq_bands(const edgeq_bands_params *p, const uint64_t *in, uint64_t *out);
/* implementation */
#include "edgeq_wide.h"

enum { BITS = 12 };

void edgeq_bands(const edgeq_bands_params *p, const uint64_t *in, uint64_t *out)
{
    const uint16_t *weight = p->weights;
    const uint64_t *bin = in + p->first;
    uint64_t rising_before = 0;
    for (int32_t corner = 0; corner <= p->channels; ++corner) {
        const uint16_t *end = p->weights + p->ends[corner];
        uint64_t rising = 0, all = 0;
        while (weight < end) {
            const uint64_t power = *bin++;
            rising += edgeq_weighted(power, *weight++);
            all += power;
        }
        if (corner > 0) {
            out[corner - 1] = (rising_before + (all << BITS) - rising) >> BITS;
        }
        rising_before = rising;
    }
}

/* A sensor's channels, each as a row. */
/* interface */
#include <stdint.h>

typedef struct {
    int32_t window, channels;
} edgeq_channels_params;

void edgeq_channels(const edgeq_channels_params *p, const int16_t *in, int16_t *out);
/* implementation */
void edgeq_channels(const edgeq_channels_params *p, const int16_t *in, int16_t *out)
{
    for (int32_t c = 0; c < p->channels; ++c) {
        const int16_t *from = in + c;
        for (int32_t i = 0; i < p->window; ++i) {
            *out++ = *from;
            from += p->channels;
        }
    }
}

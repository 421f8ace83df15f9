/* An image of another size: rows are resized when the first new row wants them, and lie in a ring. */
/* interface */
#include <stdint.h>

typedef struct {
    int32_t in_width;
    int32_t width, height;
    int32_t channels;
    int32_t taps_x, taps_y;
    const uint16_t *starts_x;  /* [width]: the first old column of each new one */
    const int32_t *weights_x;  /* [width][taps_x], 22 bits behind the point */
    const uint16_t *starts_y;  /* [height] */
    const int32_t *weights_y;  /* [height][taps_y] */
} edgeq_resize_params;

void edgeq_resize(const edgeq_resize_params *p, const uint8_t *in, uint8_t *out, uint8_t *scratch);
/* implementation */
enum { BITS = 22, HALF = 1 << (BITS - 1) };

static inline uint8_t byte_of(int32_t total)
{
    const int32_t value = total >> BITS;
    return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

static void across(const edgeq_resize_params *p, const uint8_t *in, uint8_t *out)
{
    const int32_t *weights = p->weights_x;
    for (int32_t x = 0; x < p->width; ++x) {
        for (int32_t c = 0; c < p->channels; ++c) {
            const uint8_t *from = in + p->starts_x[x] * p->channels + c;
            int32_t total = HALF;
            for (int32_t tap = 0; tap < p->taps_x; ++tap) {
                total += *from * weights[tap];
                from += p->channels;
            }
            *out++ = byte_of(total);
        }
        weights += p->taps_x;
    }
}

void edgeq_resize(const edgeq_resize_params *p, const uint8_t *in, uint8_t *out, uint8_t *scratch)
{
    const int32_t row = p->width * p->channels;
    int32_t made = 0; /* old rows that are, or were, in the ring */
    for (int32_t y = 0; y < p->height; ++y) {
        const int32_t start = p->starts_y[y], end = start + p->taps_y;
        for (made = made < start ? start : made; made < end; ++made) {
            across(p, in + made * p->in_width * p->channels, scratch + made % p->taps_y * row);
        }
        const int32_t *weights = p->weights_y + y * p->taps_y;
        const int32_t slot = start % p->taps_y;
        for (int32_t i = 0; i < row; ++i) {
            int32_t total = HALF, at = slot;
            for (int32_t tap = 0; tap < p->taps_y; ++tap) {
                total += scratch[at * row + i] * weights[tap];
                at = at + 1 < p->taps_y ? at + 1 : 0;
            }
            *out++ = byte_of(total);
        }
    }
}

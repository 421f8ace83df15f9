/* RESIZE_BILINEAR of NHWC. */

/* interface */
#include <stdint.h>

/* Every output lies between two rows and two columns of the input. */
typedef struct {
    int32_t batches, image; /* bytes of an image of the input */
    int32_t height, width, channels;
    const int32_t *rows;    /* [height][3]: offsets of two rows, the second one's weight in 1/1024 */
    const int32_t *columns; /* [width][3] */
} edgeq_resize_bilinear_params;

void edgeq_resize_bilinear_s8(const edgeq_resize_bilinear_params *p, const int8_t *input, int8_t *output)
    __attribute__((noinline));

/* implementation */
#define ONE (1 << 10)

void edgeq_resize_bilinear_s8(const edgeq_resize_bilinear_params *p, const int8_t *input, int8_t *output)
{
    for (int32_t batch = 0; batch < p->batches; batch++, input += p->image) {
        for (int32_t y = 0; y < p->height; y++) {
            const int32_t *row = &p->rows[3 * y];
            const int8_t *above = input + row[0], *below = input + row[1];
            for (int32_t x = 0; x < p->width; x++) {
                const int32_t *column = &p->columns[3 * x];
                const int32_t left = ONE - column[2], right = column[2];
                const int32_t w0 = (ONE - row[2]) * left, w1 = (ONE - row[2]) * right;
                const int32_t w2 = row[2] * left, w3 = row[2] * right;
                for (int32_t c = 0; c < p->channels; c++) {
                    const int32_t sum = above[column[0] + c] * w0 + above[column[1] + c] * w1 +
                                        below[column[0] + c] * w2 + below[column[1] + c] * w3;
                    const int32_t half = sum > 0 ? ONE * ONE / 2 : -(ONE * ONE / 2);
                    *output++ = (int8_t)((sum + half) / (ONE * ONE));
                }
            }
        }
    }
}

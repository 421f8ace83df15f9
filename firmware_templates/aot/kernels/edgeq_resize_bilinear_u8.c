/* RESIZE_BILINEAR of NHWC in the older unsigned form: in float, in the order of the reference's products and sums. */

/* interface */
#include <stdint.h>

typedef struct {
    int32_t batches, image; /* bytes of an image of the input */
    int32_t height, width, channels;
    const int32_t *rows;    /* [height][2]: offsets of two rows */
    const int32_t *columns; /* [width][2] */
    const float *row_weights; /* [height]: of the second row */
    const float *column_weights;
} edgeq_resize_bilinear_u8_params;

void edgeq_resize_bilinear_u8(const edgeq_resize_bilinear_u8_params *p, const int8_t *input, int8_t *output)
    __attribute__((noinline));

/* implementation */

/* Two factors one after the other, each rounded: kept from being joined with the sum that follows. */
static float weighted(uint8_t x, float a, float b)
{
    volatile float product = (float)x * a;
    product = product * b;
    return product;
}

void edgeq_resize_bilinear_u8(const edgeq_resize_bilinear_u8_params *p, const int8_t *input, int8_t *output)
{
    const uint8_t *image = (const uint8_t *)input;
    for (int32_t batch = 0; batch < p->batches; batch++, image += p->image) {
        for (int32_t y = 0; y < p->height; y++) {
            const uint8_t *above = image + p->rows[2 * y], *below = image + p->rows[2 * y + 1];
            const float down = p->row_weights[y], up = 1.0f - down;
            for (int32_t x = 0; x < p->width; x++) {
                const int32_t left = p->columns[2 * x], right = p->columns[2 * x + 1];
                const float second = p->column_weights[x], first = 1.0f - second;
                for (int32_t c = 0; c < p->channels; c++) {
                    float sum = weighted(above[left + c], up, first);
                    sum += weighted(below[left + c], down, first);
                    sum += weighted(above[right + c], up, second);
                    sum += weighted(below[right + c], down, second);
                    *output++ = (int8_t)(uint8_t)(sum + 0.5f);
                }
            }
        }
    }
}

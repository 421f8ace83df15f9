#include "edgeq_fixed_point.h"
#include "edgeq_lanes.h"
#include "edgeq_pool_window.h"

/* The mean of `count` values by their sum, ties away from zero. */
static inline int8_t mean(const edgeq_pool_params *p, int32_t sum, int32_t count)
{
    const int32_t half = count >> 1;
    const int32_t rounded = (sum > 0 ? sum + half : sum - half) / count;
    return (int8_t)edgeq_clamp(rounded, p->low, p->high);
}

#if EDGEQ_DSP
/* Four channels at once. */
static void average_four(const edgeq_pool_params *p, const int8_t *window, edgeq_pool_span rows,
                         edgeq_pool_span columns, int8_t *output)
{
    const int32_t channels = p->channels, row = p->input_w * channels;
    edgeq_lanes sums = {0, 0};
    for (int32_t i = 0; i < rows.count; i++, window += row) {
        const int8_t *pixel = window;
        for (int32_t j = 0; j < columns.count; j++, pixel += channels) {
            edgeq_lanes_add(&sums, pixel);
        }
    }
    const int32_t count = rows.count * columns.count;
    for (int32_t column = 0; column < 4; column++) {
        output[column] = mean(p, edgeq_lane(&sums, column), count);
    }
}
#endif

static int8_t average_one(const edgeq_pool_params *p, const int8_t *window, edgeq_pool_span rows,
                          edgeq_pool_span columns)
{
    const int32_t channels = p->channels, row = p->input_w * channels;
    int32_t sum = 0;
    for (int32_t i = 0; i < rows.count; i++, window += row) {
        const int8_t *pixel = window;
        for (int32_t j = 0; j < columns.count; j++, pixel += channels) {
            sum += *pixel;
        }
    }
    return mean(p, sum, rows.count * columns.count);
}

void edgeq_average_pool_s8(const edgeq_pool_params *p, const int8_t *input, int8_t *output)
{
    const int32_t channels = p->channels;
    for (int32_t batch = 0; batch < p->batches; batch++) {
        for (int32_t y = 0; y < p->output_h; y++) {
            const edgeq_pool_span rows = edgeq_pool_inside(y, p->stride_h, p->pad_h, p->window_h, p->input_h);
            for (int32_t x = 0; x < p->output_w; x++) {
                const edgeq_pool_span columns =
                    edgeq_pool_inside(x, p->stride_w, p->pad_w, p->window_w, p->input_w);
                const int8_t *window = input + (rows.first * p->input_w + columns.first) * channels;
                int32_t channel = 0;
#if EDGEQ_DSP
                if (rows.count * columns.count <= EDGEQ_LANES_HOLD) {
                    for (; channel <= channels - 4; channel += 4) {
                        average_four(p, window + channel, rows, columns, output + channel);
                    }
                }
#endif
                for (; channel < channels; channel++) {
                    output[channel] = average_one(p, window + channel, rows, columns);
                }
                output += channels;
            }
        }
        input += p->input_h * p->input_w * channels;
    }
}

#include "edgeq_fixed_point.h"
#include "edgeq_lanes.h"
#include "edgeq_mem.h"
#include "edgeq_pool_window.h"

static void take_larger(int8_t *output, const int8_t *input, int32_t channels)
{
#if EDGEQ_DSP
    for (; channels >= 4; channels -= 4) {
        const uint32_t larger = edgeq_larger_bytes(edgeq_load_word(input), edgeq_load_word(output));
        memcpy(output, &larger, 4);
        input += 4;
        output += 4;
    }
#endif
    for (; channels > 0; channels--) {
        const int8_t x = *input++;
        if (x > *output) {
            *output = x;
        }
        output++;
    }
}

static void limit(int8_t *output, int32_t channels, int32_t low, int32_t high)
{
    for (; channels > 0; channels--) {
        *output = (int8_t)edgeq_clamp(*output, low, high);
        output++;
    }
}

void edgeq_max_pool_s8(const edgeq_pool_params *p, const int8_t *input, int8_t *output)
{
    const int32_t channels = p->channels;
    for (int32_t batch = 0; batch < p->batches; batch++) {
        for (int32_t y = 0; y < p->output_h; y++) {
            const edgeq_pool_span rows = edgeq_pool_inside(y, p->stride_h, p->pad_h, p->window_h, p->input_h);
            for (int32_t x = 0; x < p->output_w; x++) {
                const edgeq_pool_span columns =
                    edgeq_pool_inside(x, p->stride_w, p->pad_w, p->window_w, p->input_w);
                memset(output, -128, (size_t)channels);
                for (int32_t i = 0; i < rows.count; i++) {
                    const int8_t *pixel = input + ((rows.first + i) * p->input_w + columns.first) * channels;
                    for (int32_t j = 0; j < columns.count; j++, pixel += channels) {
                        take_larger(output, pixel, channels);
                    }
                }
                if (p->low > -128 || p->high < 127) {
                    limit(output, channels, p->low, p->high);
                }
                output += channels;
            }
        }
        input += p->input_h * p->input_w * channels;
    }
}

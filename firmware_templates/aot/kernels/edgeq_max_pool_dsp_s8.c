/* interface */
#include "edgeq_pool_window.h"

void edgeq_max_pool_dsp_s8(const edgeq_pool_params *p, const int8_t *input, int8_t *output) __attribute__((noinline));

/* implementation */
#include "edgeq_dsp.h"
#include "edgeq_max_pool.h"
#include "edgeq_mem.h"

/* Four channels at once. */
EDGEQ_INLINE uint32_t largest_four(const edgeq_pool_window *window, const int8_t *first)
{
    uint32_t largest = 0x80808080u;
    int32_t rows = window->rows;
    EDGEQ_ROLLED do {
        const int8_t *x = first;
        int32_t columns = window->columns;
        EDGEQ_ROLLED do {
            largest = edgeq_larger_bytes(edgeq_load_word(x), largest);
            x += window->channels;
        } while (--columns > 0);
        first += window->row;
    } while (--rows > 0);
    return largest;
}

static __attribute__((noinline)) void max_pixel(const edgeq_pool_params *p, const edgeq_pool_window *where,
                                                int8_t *output)
{
    const edgeq_pool_window window = *where; /* held in registers */
    int32_t channel = 0;
    for (; channel <= window.channels - 4; channel += 4) {
        const uint32_t largest = largest_four(&window, window.first + channel);
        memcpy(output + channel, &largest, 4);
    }
    edgeq_max_pool_ones(p, &window, channel, output);
}

void edgeq_max_pool_dsp_s8(const edgeq_pool_params *p, const int8_t *input, int8_t *output)
{
    edgeq_pool(p, input, output, max_pixel);
}

/* 256 log2(power + offset): the highest bit, and straight lines between 64 places behind it. */
/* interface */
#include <stdint.h>

typedef struct {
    int32_t size;
    int32_t offset;
    const uint16_t *table; /* [65]: log2(1 + i / 64), 15 bits behind the point */
} edgeq_log_params;

void edgeq_log(const edgeq_log_params *p, const uint64_t *in, int16_t *out);
/* implementation */
#include "edgeq_wide.h"

void edgeq_log(const edgeq_log_params *p, const uint64_t *in, int16_t *out)
{
    for (int32_t i = 0; i < p->size; ++i) {
        const uint64_t power = in[i] + (uint32_t)p->offset;
        const uint32_t high = (uint32_t)(power >> 32);
        const int32_t top = high != 0u ? 31 + edgeq_bits(high) : edgeq_bits((uint32_t)power) - 1;
        const uint32_t behind = (uint32_t)(power << (63 - top) >> 47) & 0xFFFFu;
        const uint16_t *at = p->table + (behind >> 10);
        const int32_t line = at[0] + (int32_t)((uint32_t)(at[1] - at[0]) * (behind & 0x3FFu) >> 10);
        out[i] = (int16_t)(top * 256 + ((line + 64) >> 7));
    }
}

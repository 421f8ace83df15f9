/* Tables of 513 entries, between which lie straight lines. */
#ifndef EDGEQ_INTERPOLATE_S16_H
#define EDGEQ_INTERPOLATE_S16_H

#include <stdint.h>

/* Every 128th integer from -32768 to 32768 has an entry. */
static inline int32_t edgeq_interpolate_s16(const int16_t *table, int32_t x)
{
    const int16_t *entry = &table[256 + (x >> 7)];
    const int32_t slope = (int16_t)(entry[1] - entry[0]);
    return (int16_t)(entry[0] + ((slope * (x & 127) + 64) >> 7));
}

#endif

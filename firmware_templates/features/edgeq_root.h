/* Square roots of whole numbers, rounded down. */
#ifndef EDGEQ_ROOT_H
#define EDGEQ_ROOT_H

#include "edgeq_wide.h"

/* `rest` is what is left of the number. */
static inline uint32_t edgeq_root32(uint32_t number, uint32_t *rest)
{
    uint32_t root = 0;
    for (uint32_t bit = number == 0u ? 0u : 1u << ((edgeq_bits(number) - 1) & ~1); bit != 0u; bit >>= 2) {
        if (number >= root + bit) {
            number -= root + bit;
            root = (root >> 1) + bit;
        } else {
            root >>= 1;
        }
    }
    *rest = number;
    return root;
}

static inline uint32_t edgeq_root64(uint64_t number, uint64_t *rest)
{
    const uint32_t high = (uint32_t)(number >> 32);
    if (high == 0u) {
        uint32_t left;
        const uint32_t root = edgeq_root32((uint32_t)number, &left);
        *rest = left;
        return root;
    }
    uint64_t root = 0;
    for (uint64_t bit = (uint64_t)1 << (32 + ((edgeq_bits(high) - 1) & ~1)); bit != 0u; bit >>= 2) {
        if (number >= root + bit) {
            number -= root + bit;
            root = (root >> 1) + bit;
        } else {
            root >>= 1;
        }
    }
    *rest = number;
    return (uint32_t)root;
}

#endif

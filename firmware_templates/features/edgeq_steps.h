/* Integers of an input from integers of any size. */
#ifndef EDGEQ_STEPS_H
#define EDGEQ_STEPS_H

#include <stdint.h>

/* How many of `count` limits, which ascend, a value reaches. */
static inline int32_t edgeq_reached(const int32_t *limits, int32_t count, int32_t value)
{
    int32_t low = 0, high = count;
    while (low < high) {
        const int32_t middle = (low + high) / 2;
        if (limits[middle] <= value) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static inline int32_t edgeq_scaled(int32_t value, int32_t factor, int32_t add, int32_t shift, int32_t low, int32_t high)
{
    const int32_t made = (value * factor + add) >> shift;
    return made < low ? low : made > high ? high : made;
}

#endif

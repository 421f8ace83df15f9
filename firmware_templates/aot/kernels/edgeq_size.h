/* A size of a layer, in elements: not negative, and small enough in this network. */
#ifndef EDGEQ_SIZE_H
#define EDGEQ_SIZE_H

#include <stdint.h>

typedef uint16_t edgeq_size;

#endif

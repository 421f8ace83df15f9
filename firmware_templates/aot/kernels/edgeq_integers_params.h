/* The parameters of operators of two integers that mean themselves. */
#ifndef EDGEQ_INTEGERS_PARAMS_H
#define EDGEQ_INTEGERS_PARAMS_H

#include "edgeq_broadcast.h"

/* Steps and strides are in bytes. */
typedef struct {
    int32_t what;        /* which of the kernel's operators */
    int32_t size;        /* bytes of a number: 1, 2, 4; of 64-bit kernels 8 */
    int32_t is_unsigned; /* of bytes */
    int32_t swapped;     /* whether the second operand is the operator's first */
    EDGEQ_BROADCAST_FIELDS
} edgeq_integers_params;

#endif

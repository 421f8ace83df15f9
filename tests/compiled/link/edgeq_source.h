/* No features: the link fills the inputs themselves. */
#include "edgeq_runtime.h"

static inline const edgeq_tensor *edgeq_source(uint32_t i)
{
    return edgeq_input(i);
}

static inline void edgeq_source_compute(void)
{
}

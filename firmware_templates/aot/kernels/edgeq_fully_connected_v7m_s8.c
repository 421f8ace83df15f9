/* interface */
#include "edgeq_fully_connected_v7m_params.h"

void edgeq_fully_connected_v7m_s8(const edgeq_fully_connected_v7m_params *p, const int8_t *input, int8_t *output,
                                  void *scratch) __attribute__((noinline));

/* implementation */
#include "edgeq_fully_connected_v7m.h"

void edgeq_fully_connected_v7m_s8(const edgeq_fully_connected_v7m_params *p, const int8_t *input, int8_t *output,
                                  void *scratch)
{
    edgeq_fully_connected_v7m(p, input, output, scratch, EDGEQ_FAST);
}

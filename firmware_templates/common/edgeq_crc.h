/* CRC-32 as in Ethernet and zlib. */
#ifndef EDGEQ_CRC_H
#define EDGEQ_CRC_H

#include <stdint.h>

/* The CRC of what `crc` covers followed by n bytes of data; 0 is the CRC of nothing. */
uint32_t edgeq_crc32(uint32_t crc, const void *data, uint32_t n);

#endif

/* CRC-32C (Castagnoli), as RFC 3720 B.4 and SQL tools know it. Pure. */
#ifndef EDGE_GATEWAY_FRAMELOG_CRC32C_H
#define EDGE_GATEWAY_FRAMELOG_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* `crc` is 0, or the result for the bytes before these: a text may be summed in parts. */
uint32_t crc32c(uint32_t crc, const uint8_t *bytes, size_t length);

#endif

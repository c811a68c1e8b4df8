/* Big-endian numbers in bytes: what is stored or sent reads the same on every host. */
#ifndef EDGE_COMMON_BE_H
#define EDGE_COMMON_BE_H

#include <stdint.h>

static inline uint16_t be_get16(const uint8_t *bytes)
{
    return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

static inline uint32_t be_get32(const uint8_t *bytes)
{
    return (uint32_t)be_get16(bytes) << 16 | be_get16(bytes + 2);
}

static inline uint64_t be_get64(const uint8_t *bytes)
{
    return (uint64_t)be_get32(bytes) << 32 | be_get32(bytes + 4);
}

static inline void be_put16(uint8_t *bytes, uint16_t value)
{
    bytes[0] = (uint8_t)(value >> 8);
    bytes[1] = (uint8_t)value;
}

static inline void be_put32(uint8_t *bytes, uint32_t value)
{
    be_put16(bytes, (uint16_t)(value >> 16));
    be_put16(bytes + 2, (uint16_t)value);
}

static inline void be_put64(uint8_t *bytes, uint64_t value)
{
    be_put32(bytes, (uint32_t)(value >> 32));
    be_put32(bytes + 4, (uint32_t)value);
}

#endif

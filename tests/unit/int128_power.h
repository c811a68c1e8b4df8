/* Powers of two for the tests of large numbers. */
#ifndef EDGE_TESTS_UNIT_INT128_POWER_H
#define EDGE_TESTS_UNIT_INT128_POWER_H

#include "edge-gateway/dbc/int128.h"

/* 2^bits, bits below 127. */
static inline struct int128 power_of_two(unsigned bits)
{
    return bits < 64 ? (struct int128){UINT64_C(1) << bits, 0}
                     : (struct int128){0, (int64_t)(UINT64_C(1) << (bits - 64))};
}

#endif

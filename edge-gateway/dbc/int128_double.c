#include "edge-gateway/dbc/int128_double.h"

#define TWO_POW_64 18446744073709551616.0

double int128_to_double(struct int128 a)
{
    struct int128 m = int128_is_negative(a) ? int128_negate(a) : a;
    double magnitude = (double)(uint64_t)m.high * TWO_POW_64 + (double)m.low;
    return int128_is_negative(a) ? -magnitude : magnitude;
}

struct int128 int128_of_double(double value)
{
    double magnitude = value < 0 ? -value : value;
    uint64_t high = (uint64_t)(magnitude / TWO_POW_64);
    uint64_t low = (uint64_t)(magnitude - (double)high * TWO_POW_64);
    struct int128 a = {low, (int64_t)high};
    return value < 0 ? int128_negate(a) : a;
}

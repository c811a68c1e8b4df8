#include "edge-gateway/plant/noise.h"

#include <math.h>

/* The finalizer of SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number
 * generators", 2014): every input bit changes every output bit. */
static uint64_t mix(uint64_t x)
{
    x += 0x9E3779B97F4A7C15u;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
}

double noise_uniform(uint64_t seed, uint32_t stream, uint64_t position)
{
    uint64_t bits = mix(mix(mix(seed) ^ stream) ^ position) >> 11; /* the 53 of a double */
    return (double)bits * 0x1p-52 - 1.0;
}

double noise_smooth(uint64_t seed, uint32_t stream, double position)
{
    double whole = floor(position);
    double x = position - whole;
    uint64_t at = (uint64_t)whole;
    double weight = x * x * (3.0 - 2.0 * x);
    double from = noise_uniform(seed, stream, at);
    return from + (noise_uniform(seed, stream, at + 1) - from) * weight;
}

/*
 * Reproducible randomness without state: a number for every (seed, stream, position), the same on
 * every machine. Neighbouring positions are independent.
 */
#ifndef EDGE_GATEWAY_PLANT_NOISE_H
#define EDGE_GATEWAY_PLANT_NOISE_H

#include <stdint.h>

/* Even over [-1, 1). `stream` separates uses of one seed. */
double noise_uniform(uint64_t seed, uint32_t stream, uint64_t position);

/* A smooth curve through noise_uniform() at whole positions; `position` >= 0. */
double noise_smooth(uint64_t seed, uint32_t stream, double position);

#endif

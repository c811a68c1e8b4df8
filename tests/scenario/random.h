/* Repeatable chance, from the seed of the test. */
#ifndef EDGE_TESTS_SCENARIO_RANDOM_H
#define EDGE_TESTS_SCENARIO_RANDOM_H

#include "tests/unit/seed.h"

#include <stdbool.h>

struct chance {
    uint64_t state; /* never 0 */
};

static inline struct chance chance_new(void)
{
    /* Spreads small seeds over all bits; the odd constant keeps the state from being 0. */
    return (struct chance){.state = (test_seed() * UINT64_C(0x9E3779B97F4A7C15)) | 1};
}

/* 0 to below - 1; xorshift, Marsaglia 2003. */
static inline uint64_t chance_below(struct chance *chance, uint64_t below)
{
    chance->state ^= chance->state << 13;
    chance->state ^= chance->state >> 7;
    chance->state ^= chance->state << 17;
    return (chance->state >> 16) % below;
}

static inline bool chance_one_in(struct chance *chance, uint64_t n)
{
    return chance_below(chance, n) == 0;
}

#endif

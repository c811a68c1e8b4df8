/*
 * Repeatable chance: the seed comes from EDGE_TEST_SEED or from the clock, and is always printed,
 * so that a failure can be run again.
 */
#ifndef EDGE_TESTS_SCENARIO_RANDOM_H
#define EDGE_TESTS_SCENARIO_RANDOM_H

#include "tests/unit/cmocka_all.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

struct chance {
    uint64_t state; /* never 0 */
};

static inline struct chance chance_new(void)
{
    const char *text = getenv("EDGE_TEST_SEED");
    uint64_t seed = text != NULL ? strtoull(text, NULL, 10) : (uint64_t)time(NULL);
    print_message("seed %" PRIu64 " (EDGE_TEST_SEED=%" PRIu64 " repeats this run)\n", seed, seed);
    /* Spreads small seeds over all bits; the odd constant keeps the state from being 0. */
    return (struct chance){.state = (seed * UINT64_C(0x9E3779B97F4A7C15)) | 1};
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

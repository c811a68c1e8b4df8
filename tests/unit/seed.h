/* The seed of a random test: EDGE_TEST_SEED if set, else the time; printed so that a failure can be
 * repeated. */
#ifndef EDGE_TESTS_UNIT_SEED_H
#define EDGE_TESTS_UNIT_SEED_H

#include "common/parse.h"
#include "tests/unit/cmocka_all.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static inline unsigned test_seed(void)
{
    uint64_t seed = (uint64_t)time(NULL);
    const char *text = getenv("EDGE_TEST_SEED");
    if (text != NULL && parse_u64(text, strlen(text), UINT32_MAX, &seed) < 0) {
        fail_msg("EDGE_TEST_SEED is not a number: %s", text);
    }
    print_message("EDGE_TEST_SEED=%u\n", (unsigned)seed);
    return (unsigned)seed;
}

#endif

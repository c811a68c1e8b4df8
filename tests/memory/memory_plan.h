/* Which allocations of a life fail: all, some of them, or those of each place once. */
#ifndef EDGE_TESTS_MEMORY_PLAN_H
#define EDGE_TESTS_MEMORY_PLAN_H

#include "tests/memory/failing_memory.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct memory_options {
    bool all;      /* each allocation */
    bool sites;    /* each stack of calls: its first allocation, and its last */
    unsigned seed; /* where a sample begins */
    uint64_t runs; /* of a sample, about */
    uint64_t from; /* none before this one */
    uint64_t only; /* this one, with all that it says; 0: not so */
    uint64_t findings_max;
};

/* One run. */
struct memory_step {
    uint64_t number; /* of this allocation in the usual run, from 1 */
    struct memory_failure failure;
};

struct memory_plan {
    struct memory_step *steps; /* in the order of their numbers */
    size_t count;
    size_t sites; /* different stacks of calls; 0 without `sites` */
};

/* False: wrong usage. `optind` is at the first name then. */
bool memory_options_parse(int argc, char **argv, struct memory_options *ret);

/* `usual`: of a run in which none failed. -ENOMEM; -EOVERFLOW: it has more allocations than the
 * account notes. */
int memory_plan_make(const struct memory_options *options, const struct memory_account *usual,
                     struct memory_plan *ret);

void memory_plan_deinit(struct memory_plan *plan);

#endif

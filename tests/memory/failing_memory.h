/*
 * A process in which one allocation fails: the program that links this file has its own malloc(),
 * which all its libraries use, too - libc, cJSON, libyaml, SQLite, OpenSSL, libmosquitto.
 * Under a sanitizer the memory is still the sanitizer's, so that it sees overruns and leaks.
 */
#ifndef EDGE_TESTS_FAILING_MEMORY_H
#define EDGE_TESTS_FAILING_MEMORY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Which allocation fails, once; counted from 1. {0}: none does. */
struct memory_failure {
    uint64_t number; /* of all that all threads make; 0: `site` says which */
    uint64_t site;   /* call_stack_id(); 0: `number` says which */
    uint64_t turn;   /* of those of the site */
    bool trace;      /* where that was is written to stderr */
};

#define MEMORY_SITES_MAX (1u << 20)

/* What there was; lies in memory that parent and child share. */
struct memory_account {
    _Atomic uint64_t allocations; /* those that failed included */
    _Atomic uint64_t failed;
    bool has_sites;                   /* asked for: sites[] is filled */
    uint64_t sites[MEMORY_SITES_MAX]; /* of the first so many allocations, in their order */
};

/* From now on, until it is disarmed, the allocations of all threads are counted in `account`. */
void failing_memory_arm(const struct memory_failure *failure, struct memory_account *account);

void failing_memory_disarm(void);

#endif

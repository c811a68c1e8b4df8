/*
 * A process in which one allocation fails: the program that links this file has its own malloc(),
 * which all its libraries use, too - libc, cJSON, libyaml, SQLite, OpenSSL, libmosquitto.
 * Under a sanitizer the memory is still the sanitizer's, so that it sees overruns and leaks.
 */
#ifndef EDGE_TESTS_FAILING_MEMORY_H
#define EDGE_TESTS_FAILING_MEMORY_H

#include <stdint.h>

/* From now on allocations of all threads are counted, and the `failing`th fails (from 1; 0: none
 * does), once. `trace`: where that was is written to stderr. */
void failing_memory_arm(uint64_t failing, int trace);

/* Ends that. How many allocations there were, those that failed included. */
uint64_t failing_memory_disarm(void);

#endif

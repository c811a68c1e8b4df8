/*
 * What every fuzz target shares. A target is one function; libFuzzer calls it with ever new inputs
 * until something breaks: a sanitizer's finding, or a promise of a header that does not hold.
 */
#ifndef EDGE_TESTS_FUZZ_FUZZ_H
#define EDGE_TESTS_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Returns 0; libFuzzer reserves other values. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the run with a finding that names what does not hold; never compiled away. */
#define require(condition) ((condition) ? (void)0 : fuzz_fail(__FILE__, __LINE__, #condition))

static inline _Noreturn void fuzz_fail(const char *file, int line, const char *condition)
{
    (void)fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, condition);
    abort();
}

static inline void *fuzz_alloc(size_t count, size_t size)
{
    void *memory = calloc(count > 0 ? count : 1, size);
    require(memory != NULL);
    return memory;
}

/* A copy with one NUL behind it and nothing more, so that reading further is a finding. Freed by
 * the caller. */
static inline char *fuzz_text(const void *data, size_t size)
{
    char *text = fuzz_alloc(size + 1, 1);
    if (size > 0) {
        memcpy(text, data, size);
    }
    return text;
}

#endif

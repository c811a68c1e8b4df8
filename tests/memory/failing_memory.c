#include "tests/memory/failing_memory.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* The allocator has no other context. */
static _Atomic uint64_t the_count;
static _Atomic uint64_t the_failing;
static atomic_bool is_armed;
static atomic_bool is_traced;

/* libc's own, and the sanitizer's where there is one. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
__attribute__((weak)) void *__interceptor_malloc(size_t size);
__attribute__((weak)) void *__interceptor_calloc(size_t count, size_t size);
__attribute__((weak)) void *__interceptor_realloc(void *memory, size_t size);
__attribute__((weak)) void __sanitizer_print_stack_trace(void);

void failing_memory_arm(uint64_t failing, int trace)
{
    atomic_store(&the_count, 0);
    atomic_store(&the_failing, failing);
    atomic_store(&is_traced, trace != 0);
    atomic_store(&is_armed, true);
}

uint64_t failing_memory_disarm(void)
{
    atomic_store(&is_armed, false);
    return atomic_load(&the_count);
}

static bool fails(void)
{
    if (!atomic_load(&is_armed) ||
        atomic_fetch_add(&the_count, 1) + 1 != atomic_load(&the_failing)) {
        return false;
    }
    if (atomic_load(&is_traced) && __sanitizer_print_stack_trace != NULL) {
        atomic_store(&is_armed, false); /* what the trace needs */
        __sanitizer_print_stack_trace();
        atomic_store(&is_armed, true);
    }
    errno = ENOMEM;
    return true;
}

void *malloc(size_t size)
{
    if (fails()) {
        return NULL;
    }
    return __interceptor_malloc != NULL ? __interceptor_malloc(size) : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    if (fails()) {
        return NULL;
    }
    return __interceptor_calloc != NULL ? __interceptor_calloc(count, size)
                                        : __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
    if (size > 0 && fails()) {
        return NULL;
    }
    return __interceptor_realloc != NULL ? __interceptor_realloc(memory, size)
                                         : __libc_realloc(memory, size);
}

void *reallocarray(void *memory, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        errno = ENOMEM;
        return NULL;
    }
    return realloc(memory, bytes);
}

/* The sanitizer's strdup() would not come through here. */
static char *copy(const char *text, size_t length)
{
    char *copied = malloc(length + 1);
    if (copied != NULL) {
        memcpy(copied, text, length);
        copied[length] = '\0';
    }
    return copied;
}

char *strdup(const char *text)
{
    return copy(text, strlen(text));
}

char *strndup(const char *text, size_t size)
{
    return copy(text, strnlen(text, size));
}

#include "tests/memory/failing_memory.h"

#include "tests/memory/call_stack.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The allocator has no other context. */
static struct memory_failure the_failure;
static struct memory_account *the_account;
static _Atomic uint64_t the_turns; /* of the site that fails */
static const void *the_outermost;  /* what called before is none of the site's */
static atomic_bool is_armed;
static _Thread_local bool is_looking; /* what that allocates is not counted */

/* libc's own, and the sanitizer's where there is one. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
__attribute__((weak)) void *__interceptor_malloc(size_t size);
__attribute__((weak)) void *__interceptor_calloc(size_t count, size_t size);
__attribute__((weak)) void *__interceptor_realloc(void *memory, size_t size);
__attribute__((weak)) void __sanitizer_print_stack_trace(void);

void failing_memory_arm(const struct memory_failure *failure, struct memory_account *account)
{
    the_failure = *failure;
    the_account = account;
    the_outermost = __builtin_frame_address(0);
    atomic_store(&the_turns, 0);
    atomic_store(&account->allocations, 0);
    atomic_store(&account->failed, 0);
    atomic_store(&is_armed, true);
}

void failing_memory_disarm(void)
{
    atomic_store(&is_armed, false);
}

/* The place counts only where someone asks for it: it takes microseconds. */
static bool is_the_one(uint64_t number)
{
    if (the_failure.site == 0 && !the_account->has_sites) {
        return number == the_failure.number;
    }
    uint64_t site = call_stack_id(the_outermost);
    if (the_account->has_sites && number <= MEMORY_SITES_MAX) {
        the_account->sites[number - 1] = site;
    }
    if (the_failure.site == 0) {
        return number == the_failure.number;
    }
    return site == the_failure.site && atomic_fetch_add(&the_turns, 1) + 1 == the_failure.turn;
}

static bool fails(void)
{
    if (!atomic_load(&is_armed) || is_looking) {
        return false;
    }
    is_looking = true;
    bool failing = is_the_one(atomic_fetch_add(&the_account->allocations, 1) + 1);
    if (failing) {
        atomic_fetch_add(&the_account->failed, 1);
    }
    if (failing && the_failure.trace && __sanitizer_print_stack_trace != NULL) {
        __sanitizer_print_stack_trace();
    }
    is_looking = false;
    if (failing) {
        errno = ENOMEM;
    }
    return failing;
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

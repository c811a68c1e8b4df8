/*
 * Timers ordered by deadline, and those of one deadline by when they were armed: a binary heap of
 * pointers to timers that live inside their owners.
 * Arming and disarming cost O(log n), the earliest deadline O(1). Nothing is allocated except when
 * the heap grows to a new maximum of simultaneously armed timers. Pure: it is told the time.
 */
#ifndef EDGE_COMMON_TIMER_HEAP_H
#define EDGE_COMMON_TIMER_HEAP_H

#include "common/attributes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef void (*timer_fn)(void *context);

/* Zero-initialise, or {.fn = ..., .context = ...}. Must be disarmed before its owner goes away. */
struct timer {
    timer_fn fn;
    void *context;
    int64_t deadline_us; /* monotonic; meaningful while armed */
    uint64_t order;      /* of its arming among all armings */
    size_t place;        /* index in the heap + 1; 0 = not armed */
};

struct timer_heap {
    struct timer **timers;
    size_t count;
    size_t capacity;
    uint64_t next_order; /* of the next timer that is armed */
};

void timer_heap_deinit(struct timer_heap *heap);

/* Arms the timer, or moves its deadline when it is armed already. 0 or -ENOMEM. */
EDGE_MUST_CHECK int timer_heap_arm(struct timer_heap *heap, struct timer *timer,
                                   int64_t deadline_us);
void timer_heap_disarm(struct timer_heap *heap, struct timer *timer);

/* The timer with the earliest deadline, NULL when none is armed. */
struct timer *timer_heap_first(const struct timer_heap *heap);

static inline bool timer_is_armed(const struct timer *timer)
{
    return timer->place != 0;
}

#endif

#include "common/timer_heap.h"

#include <errno.h>
#include <stdlib.h>

#define FIRST_CAPACITY 16

void timer_heap_deinit(struct timer_heap *heap)
{
    for (size_t i = 0; i < heap->count; i++) {
        heap->timers[i]->place = 0;
    }
    free(heap->timers);
    *heap = (struct timer_heap){0};
}

static void put(struct timer_heap *heap, size_t index, struct timer *timer)
{
    heap->timers[index] = timer;
    timer->place = index + 1;
}

static bool is_before(const struct timer *a, const struct timer *b)
{
    return a->deadline_us < b->deadline_us ||
           (a->deadline_us == b->deadline_us && a->order < b->order);
}

static void sift_up(struct timer_heap *heap, size_t index, struct timer *timer)
{
    while (index > 0) {
        size_t parent = (index - 1) / 2;
        if (is_before(heap->timers[parent], timer)) {
            break;
        }
        put(heap, index, heap->timers[parent]);
        index = parent;
    }
    put(heap, index, timer);
}

static void sift_down(struct timer_heap *heap, size_t index, struct timer *timer)
{
    for (;;) {
        size_t child = 2 * index + 1;
        if (child >= heap->count) {
            break;
        }
        if (child + 1 < heap->count && is_before(heap->timers[child + 1], heap->timers[child])) {
            child++;
        }
        if (is_before(timer, heap->timers[child])) {
            break;
        }
        put(heap, index, heap->timers[child]);
        index = child;
    }
    put(heap, index, timer);
}

static void settle(struct timer_heap *heap, size_t index, struct timer *timer)
{
    if (index > 0 && is_before(timer, heap->timers[(index - 1) / 2])) {
        sift_up(heap, index, timer);
    } else {
        sift_down(heap, index, timer);
    }
}

int timer_heap_arm(struct timer_heap *heap, struct timer *timer, int64_t deadline_us)
{
    if (timer_is_armed(timer)) {
        timer->deadline_us = deadline_us;
        timer->order = heap->next_order++;
        settle(heap, timer->place - 1, timer);
        return 0;
    }
    if (heap->count == heap->capacity) {
        size_t capacity = heap->capacity > 0 ? heap->capacity * 2 : FIRST_CAPACITY;
        struct timer **timers = reallocarray(heap->timers, capacity, sizeof(struct timer *));
        if (timers == NULL) {
            return -ENOMEM;
        }
        heap->timers = timers;
        heap->capacity = capacity;
    }
    timer->deadline_us = deadline_us;
    timer->order = heap->next_order++;
    sift_up(heap, heap->count++, timer);
    return 0;
}

void timer_heap_disarm(struct timer_heap *heap, struct timer *timer)
{
    if (!timer_is_armed(timer)) {
        return;
    }
    size_t index = timer->place - 1;
    struct timer *last = heap->timers[--heap->count];
    timer->place = 0;
    if (last != timer) {
        settle(heap, index, last);
    }
}

struct timer *timer_heap_first(const struct timer_heap *heap)
{
    return heap->count > 0 ? heap->timers[0] : NULL;
}

/*
 * Where time comes from. The loop owns one and reads it once per iteration; tests put a fake in its
 * place. Intervals and deadlines use the monotonic clock, stamps the wall clock; the two never mix.
 */
#ifndef EDGE_COMMON_CLOCK_H
#define EDGE_COMMON_CLOCK_H

#include <stdint.h>

#define US_PER_MS 1000LL
#define US_PER_S  1000000LL

struct clock {
    int64_t (*monotonic_us)(void *context); /* arbitrary origin, never goes back */
    int64_t (*realtime_us)(void *context);  /* since the Unix epoch; may jump */
    void *context;
};

/* CLOCK_MONOTONIC and CLOCK_REALTIME. */
extern const struct clock clock_system;

/* CLOCK_BOOTTIME: nobody sets it, and it goes on while the machine sleeps. */
int64_t clock_boottime_us(void);

/* A clock that stands still until it is told otherwise. */
struct clock_fake {
    int64_t monotonic_us;
    int64_t realtime_us;
};

/* `fake` is borrowed and must outlive the clock. */
struct clock clock_fake_interface(struct clock_fake *fake);
void clock_fake_advance(struct clock_fake *fake, int64_t us);

#endif

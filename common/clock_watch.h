/*
 * Tells when the wall clock was set: by NTP at start-up, by a person, by a bad RTC. Slewing (a
 * clock that runs a little faster for a while) is no news.
 */
#ifndef EDGE_COMMON_CLOCK_WATCH_H
#define EDGE_COMMON_CLOCK_WATCH_H

#include "common/attributes.h"
#include "common/loop.h"

struct clock_watch;

/* In the loop: the wall clock now reads `jump_us` more (or less) than it would have without. */
typedef void (*clock_watch_fn)(void *context, int64_t jump_us);

/* 0 or -errno. */
EDGE_MUST_CHECK int clock_watch_new(struct loop *loop, clock_watch_fn fn, void *context,
                                    struct clock_watch **ret);
void clock_watch_free(struct clock_watch *watch);

#endif

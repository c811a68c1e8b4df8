/*
 * The event loop: descriptors by epoll, timers, signals by signalfd, one thread.
 *
 * Contract. Callbacks run one at a time in the loop's thread and must not block. A callback may
 * add, change and remove any source or timer, its own included. The clock is read once per
 * iteration: loop_now_us() is constant within one. The order within an iteration is: timers that
 * are due (by deadline, then in the order in which they were armed), then descriptors.
 *
 * With a fake clock (loop_new_fake()) nothing waits: when no descriptor is ready, time jumps to the
 * next deadline.
 */
#ifndef EDGE_COMMON_LOOP_H
#define EDGE_COMMON_LOOP_H

#include "common/attributes.h"
#include "common/clock.h"
#include "common/timer_heap.h"

#include <stdbool.h>
#include <stdint.h>

struct loop;

/* `events`: the EPOLL* bits that are ready. */
typedef void (*loop_fd_fn)(void *context, uint32_t events);
typedef void (*loop_signal_fn)(void *context, int signal_number);

/* A watched descriptor, embedded in its owner; the descriptor itself stays the owner's. Fields are
 * the loop's. */
struct loop_fd {
    loop_fd_fn fn;
    void *context;
    int fd;
    uint32_t events; /* EPOLL* bits asked for; 0 = not watched */
};

/* 0 or -errno. */
EDGE_MUST_CHECK int loop_new(struct loop **ret);
EDGE_MUST_CHECK int loop_new_fake(struct clock_fake *clock, struct loop **ret);
void loop_free(struct loop *loop);

/* Starts watching `fd` for `events` (EPOLLIN, EPOLLOUT; level-triggered). Watching a watched one
 * changes its events. */
EDGE_MUST_CHECK int loop_fd_watch(struct loop *loop, struct loop_fd *source, int fd,
                                  uint32_t events);
/* Before the descriptor is closed. No callback of this source runs afterwards, not even one already
 * ready. */
void loop_fd_unwatch(struct loop *loop, struct loop_fd *source);
/* The same where somebody else has closed it: its number may be another descriptor's by now. */
void loop_fd_forget(struct loop *loop, struct loop_fd *source);

/* Arms, or moves, a timer to an absolute monotonic deadline; one in the past means now. Never fails
 * silently: out of memory is fatal to the loop. */
void loop_timer_at(struct loop *loop, struct timer *timer, int64_t deadline_us);
void loop_timer_after(struct loop *loop, struct timer *timer, int64_t delay_us);
void loop_timer_cancel(struct loop *loop, struct timer *timer);

/* Blocks the signal for the process and delivers it in the loop. Call before threads are created.
 */
EDGE_MUST_CHECK int loop_on_signal(struct loop *loop, int signal_number, loop_signal_fn fn,
                                   void *context);

/* This iteration's time; it goes on within one only after a standstill (see below). */
int64_t loop_now_us(const struct loop *loop);
int64_t loop_realtime_us(const struct loop *loop);

/* When what is read in this iteration came, at the earliest: now, but for the second after the
 * process stood still (stopped, suspended, starved). Between two iterations, timers that are
 * overdue by more than LOOP_OVERDUE_US tell, so that with one each second no standstill above that
 * is missed; within one, the clock does. */
#define LOOP_OVERDUE_US INT64_C(100000)
int64_t loop_unread_since_us(const struct loop *loop);

/* Runs until loop_stop(); returns its result, or -errno when the loop itself fails. */
int loop_run(struct loop *loop);
void loop_stop(struct loop *loop, int result);

/* One iteration: waits at most `timeout_us` (-1 = until something happens). For tests and
 * embedding. 0 or -errno. */
int loop_run_once(struct loop *loop, int64_t timeout_us);

#endif

#include "common/loop.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#define EVENTS_PER_WAIT 32
#define CATCH_UP_US     US_PER_S /* for what waited in sockets while the process stood still */
#define SIGNALS_MAX     8

struct signal_handler {
    int number;
    loop_signal_fn fn;
    void *context;
};

struct loop {
    struct clock clock;
    struct clock_fake *fake; /* NULL = real time */
    int64_t now_us;
    int64_t realtime_us;
    int64_t away_since_us; /* the process stood still from then */
    int64_t caught_up_us;  /* until now, and has read by then what waited */
    struct timer_heap timers;
    int epoll_fd;
    struct epoll_event
        ready[EVENTS_PER_WAIT]; /* of the present iteration; unwatched ones are blanked */
    int ready_count;
    int signal_fd;
    struct loop_fd signal_source;
    sigset_t signal_set;
    struct signal_handler signals[SIGNALS_MAX];
    size_t signal_count;
    bool running;
    int result;
};

static void update_time(struct loop *loop)
{
    loop->now_us = loop->clock.monotonic_us(loop->clock.context);
    loop->realtime_us = loop->clock.realtime_us(loop->clock.context);
}

static int new_with_clock(const struct clock *clock, struct clock_fake *fake, struct loop **ret)
{
    struct loop *loop = calloc(1, sizeof(*loop));
    if (loop == NULL) {
        return -ENOMEM;
    }
    loop->clock = *clock;
    loop->fake = fake;
    loop->signal_fd = -1;
    (void)sigemptyset(&loop->signal_set);
    loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (loop->epoll_fd < 0) {
        int r = -errno;
        free(loop);
        return r;
    }
    update_time(loop);
    *ret = loop;
    return 0;
}

int loop_new(struct loop **ret)
{
    return new_with_clock(&clock_system, NULL, ret);
}

int loop_new_fake(struct clock_fake *clock, struct loop **ret)
{
    struct clock interface = clock_fake_interface(clock);
    return new_with_clock(&interface, clock, ret);
}

void loop_free(struct loop *loop)
{
    if (loop == NULL) {
        return;
    }
    if (loop->signal_fd >= 0) {
        (void)close(loop->signal_fd);
    }
    (void)close(loop->epoll_fd);
    timer_heap_deinit(&loop->timers);
    free(loop);
}

int loop_fd_watch(struct loop *loop, struct loop_fd *source, int fd, uint32_t events)
{
    bool watched = source->events != 0;
    if (watched && source->events == events) {
        return 0;
    }
    struct epoll_event event = {.events = events, .data.ptr = source};
    if (epoll_ctl(loop->epoll_fd, watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event) < 0) {
        return -errno;
    }
    source->fd = fd;
    source->events = events;
    return 0;
}

void loop_fd_unwatch(struct loop *loop, struct loop_fd *source)
{
    if (source->events != 0) {
        (void)epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, source->fd, NULL);
        loop_fd_forget(loop, source);
    }
}

/* With its last descriptor a file leaves epoll (epoll(7), questions and answers, 6). */
void loop_fd_forget(struct loop *loop, struct loop_fd *source)
{
    source->events = 0;
    for (int i = 0; i < loop->ready_count; i++) {
        if (loop->ready[i].data.ptr == source) {
            loop->ready[i].data.ptr = NULL;
        }
    }
}

void loop_timer_at(struct loop *loop, struct timer *timer, int64_t deadline_us)
{
    /* The past is now, behind those that wait already: a timer that is always late must not come
     * before all others for ever. */
    int64_t at_us = deadline_us > loop->now_us ? deadline_us : loop->now_us;
    int r = timer_heap_arm(&loop->timers, timer, at_us);
    if (r < 0) {
        loop_stop(loop, r);
    }
}

void loop_timer_after(struct loop *loop, struct timer *timer, int64_t delay_us)
{
    loop_timer_at(loop, timer, loop->now_us + delay_us);
}

void loop_timer_cancel(struct loop *loop, struct timer *timer)
{
    timer_heap_disarm(&loop->timers, timer);
}

static void on_signal_ready(void *context, uint32_t events)
{
    struct loop *loop = context;
    (void)events;
    struct signalfd_siginfo info;
    while (read(loop->signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
        for (size_t i = 0; i < loop->signal_count; i++) {
            if (loop->signals[i].number == (int)info.ssi_signo) {
                loop->signals[i].fn(loop->signals[i].context, loop->signals[i].number);
            }
        }
    }
}

int loop_on_signal(struct loop *loop, int signal_number, loop_signal_fn fn, void *context)
{
    if (loop->signal_count == SIGNALS_MAX) {
        return -ENOSPC;
    }
    (void)sigaddset(&loop->signal_set, signal_number);
    if (sigprocmask(SIG_BLOCK, &loop->signal_set, NULL) < 0) {
        return -errno;
    }
    int fd = signalfd(loop->signal_fd, &loop->signal_set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (fd < 0) {
        return -errno;
    }
    loop->signal_fd = fd;
    loop->signal_source.fn = on_signal_ready;
    loop->signal_source.context = loop;
    int r = loop_fd_watch(loop, &loop->signal_source, fd, EPOLLIN);
    if (r < 0) {
        return r;
    }
    loop->signals[loop->signal_count++] = (struct signal_handler){signal_number, fn, context};
    return 0;
}

int64_t loop_now_us(const struct loop *loop)
{
    return loop->now_us;
}

int64_t loop_realtime_us(const struct loop *loop)
{
    return loop->realtime_us;
}

int64_t loop_unread_since_us(const struct loop *loop)
{
    return loop->now_us < loop->caught_up_us ? loop->away_since_us : loop->now_us;
}

/* How long to wait: until the next deadline, at most `timeout_us`; -1 = without end. */
static int64_t wait_us(const struct loop *loop, int64_t timeout_us)
{
    const struct timer *first = timer_heap_first(&loop->timers);
    if (first == NULL) {
        return timeout_us;
    }
    int64_t left_us = first->deadline_us - loop->clock.monotonic_us(loop->clock.context);
    if (left_us < 0) {
        left_us = 0;
    }
    return timeout_us >= 0 && timeout_us < left_us ? timeout_us : left_us;
}

/* As epoll_wait() does. NULL: for ever. */
static int wait_ready(struct loop *loop, const struct timespec *limit)
{
    int count = epoll_pwait2(loop->epoll_fd, loop->ready, EVENTS_PER_WAIT, limit, NULL);
    if (count >= 0 || errno != ENOSYS) {
        return count;
    }
    /* Before Linux 5.11: whole milliseconds, and not too few of them. */
    int ms = -1;
    if (limit != NULL) {
        int64_t whole = (int64_t)limit->tv_sec * 1000 + (limit->tv_nsec + 999999) / 1000000;
        ms = whole < INT_MAX ? (int)whole : INT_MAX;
    }
    return epoll_wait(loop->epoll_fd, loop->ready, EVENTS_PER_WAIT, ms);
}

static int wait_for_events(struct loop *loop, int64_t timeout_us)
{
    int64_t us = wait_us(loop, timeout_us);
    struct timespec span = {.tv_sec = us / US_PER_S, .tv_nsec = (long)(us % US_PER_S * 1000)};
    struct timespec none = {0};
    const struct timespec *limit = us < 0 ? NULL : &span;
    int count = wait_ready(loop, loop->fake != NULL ? &none : limit);
    if (count < 0) {
        return errno == EINTR ? 0 : -errno;
    }
    if (count == 0 && loop->fake != NULL && us > 0) {
        clock_fake_advance(loop->fake, us);
    }
    loop->ready_count = count;
    return 0;
}

/* Timers armed by a timer callback for "now" run in the next iteration, so that descriptors get
 * their turn. */
static void run_due_timers(struct loop *loop)
{
    uint64_t end = loop->timers.next_order;
    for (;;) {
        struct timer *timer = timer_heap_first(&loop->timers);
        if (timer == NULL || timer->deadline_us > loop->now_us || timer->order >= end) {
            return;
        }
        timer_heap_disarm(&loop->timers, timer);
        timer->fn(timer->context);
    }
}

static void stood_still(struct loop *loop, int64_t since_us)
{
    if (loop->now_us >= loop->caught_up_us) {
        loop->away_since_us = since_us;
    }
    loop->caught_up_us = loop->now_us + CATCH_UP_US;
}

/* Between two iterations. */
static void note_standstill(struct loop *loop, int64_t before_us)
{
    const struct timer *first = timer_heap_first(&loop->timers);
    if (first != NULL && loop->now_us > first->deadline_us + LOOP_OVERDUE_US) {
        stood_still(loop, before_us);
    }
}

/* Within one, where it may as well be: what is read next came at any time of it. */
static void note_interruption(struct loop *loop)
{
    int64_t before_us = loop->now_us;
    if (loop->clock.monotonic_us(loop->clock.context) > before_us + LOOP_OVERDUE_US) {
        update_time(loop);
        stood_still(loop, before_us);
    }
}

static void run_ready_descriptors(struct loop *loop)
{
    for (int i = 0; i < loop->ready_count; i++) {
        struct loop_fd *source = loop->ready[i].data.ptr;
        if (source != NULL) {
            note_interruption(loop);
            source->fn(source->context, loop->ready[i].events);
        }
    }
    loop->ready_count = 0;
}

int loop_run_once(struct loop *loop, int64_t timeout_us)
{
    int64_t before_us = loop->now_us;
    int r = wait_for_events(loop, timeout_us);
    if (r < 0) {
        return r;
    }
    update_time(loop);
    note_standstill(loop, before_us);
    run_due_timers(loop);
    run_ready_descriptors(loop);
    return 0;
}

int loop_run(struct loop *loop)
{
    loop->running = true;
    loop->result = 0;
    while (loop->running) {
        int r = loop_run_once(loop, -1);
        if (r < 0) {
            return r;
        }
    }
    return loop->result;
}

void loop_stop(struct loop *loop, int result)
{
    loop->running = false;
    loop->result = result;
}

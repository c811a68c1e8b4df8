#include "common/clock_watch.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define FAR_FUTURE_S 86400L /* of the timer, which only its cancellation makes interesting */

struct clock_watch {
    struct loop *loop;
    clock_watch_fn fn;
    void *context;
    int fd;
    struct loop_fd source;
    int64_t offset_us; /* wall clock minus monotonic clock */
};

static int64_t offset_us(void)
{
    return clock_system.realtime_us(clock_system.context) -
           clock_system.monotonic_us(clock_system.context);
}

static int arm(struct clock_watch *watch)
{
    int64_t now_s = clock_system.realtime_us(clock_system.context) / US_PER_S;
    const struct itimerspec when = {.it_value = {.tv_sec = now_s + FAR_FUTURE_S}};
    return timerfd_settime(watch->fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &when, NULL) < 0
               ? -errno
               : 0;
}

static void on_ready(void *context, uint32_t events)
{
    struct clock_watch *watch = context;
    uint64_t expirations;
    (void)events;
    bool was_set = read(watch->fd, &expirations, sizeof(expirations)) < 0 && errno == ECANCELED;
    int64_t before_us = watch->offset_us;
    watch->offset_us = offset_us();
    if (arm(watch) < 0) {
        loop_fd_unwatch(watch->loop, &watch->source); /* never: the same call worked before */
    }
    if (was_set && watch->offset_us != before_us) {
        watch->fn(watch->context, watch->offset_us - before_us);
    }
}

int clock_watch_new(struct loop *loop, clock_watch_fn fn, void *context, struct clock_watch **ret)
{
    struct clock_watch *watch = calloc(1, sizeof(*watch));
    if (watch == NULL) {
        return -ENOMEM;
    }
    *watch = (struct clock_watch){.loop = loop, .fn = fn, .context = context};
    watch->source = (struct loop_fd){.fn = on_ready, .context = watch};
    watch->offset_us = offset_us();
    watch->fd = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
    int r = watch->fd < 0 ? -errno : arm(watch);
    if (r == 0) {
        r = loop_fd_watch(loop, &watch->source, watch->fd, EPOLLIN);
    }
    if (r < 0) {
        clock_watch_free(watch);
        return r;
    }
    *ret = watch;
    return 0;
}

void clock_watch_free(struct clock_watch *watch)
{
    if (watch == NULL) {
        return;
    }
    if (watch->fd >= 0) {
        loop_fd_unwatch(watch->loop, &watch->source);
        (void)close(watch->fd); /* a timer has nothing to lose */
    }
    free(watch);
}

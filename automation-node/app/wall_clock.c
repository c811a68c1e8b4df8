#include "automation-node/app/wall_clock.h"

#include "common/log.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <sys/timex.h>
#include <unistd.h>

#define LOOK_EVERY_US  (1 * US_PER_S)   /* while it is not trusted */
#define DRIFT_EVERY_US (60 * US_PER_S)  /* NTP may slew it by half a millisecond per second */
#define DRIFT_US       (50 * US_PER_MS) /* told when it is more */
#define WRITTEN_US     (1767225600 * US_PER_S) /* 2026-01-01 */

struct wall_clock {
    struct loop *loop;
    struct wall_clock_options options;
    int64_t started_us;
    bool trusted;
    bool told;
    int64_t offset_us; /* wall minus monotonic, as told last */
    int fd;
    struct loop_fd source;
    struct timer timer;
};

static bool is_kept_right(void)
{
    struct timex state = {0};
    return adjtimex(&state) >= 0 && (state.status & STA_UNSYNC) == 0;
}

bool wall_clock_is_trustworthy(const struct wall_clock *clock)
{
    bool waited = loop_now_us(clock->loop) - clock->started_us >= clock->options.wait_us;
    return clock->options.trusted ||
           (loop_realtime_us(clock->loop) >= WRITTEN_US && (waited || is_kept_right()));
}

/* A timer that nobody waits for: it is cancelled when the clock is set. */
static void arm(const struct wall_clock *clock)
{
    const struct itimerspec never = {.it_value.tv_sec = INT32_MAX};
    if (timerfd_settime(clock->fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL) < 0) {
        log_debug("clock", "a jump of the wall clock will be noticed within a minute only");
    }
}

static void look(struct wall_clock *clock)
{
    int64_t wall_us = loop_realtime_us(clock->loop);
    int64_t moved_us = wall_us - loop_now_us(clock->loop) - clock->offset_us;
    bool trusted = clock->trusted || wall_clock_is_trustworthy(clock);
    bool moved = moved_us > DRIFT_US || moved_us < -DRIFT_US;
    if (clock->told && trusted == clock->trusted && !(trusted && moved)) {
        return;
    }
    if (!clock->told && !trusted) {
        log_notice("clock", "the clock is not set yet: what asks for the time waits");
    } else if (clock->told && trusted && !clock->trusted) {
        log_notice("clock", "the clock is set");
    } else if (clock->told && (moved_us > US_PER_S || moved_us < -US_PER_S)) {
        log_notice("clock", "the clock jumped by %.1f s", (double)moved_us / (double)US_PER_S);
    }
    clock->told = true;
    clock->trusted = trusted;
    clock->offset_us += moved_us;
    clock->options.changed(clock->options.context, trusted, wall_us);
}

static void on_timer(void *context)
{
    struct wall_clock *clock = context;
    look(clock);
    loop_timer_after(clock->loop, &clock->timer, clock->trusted ? DRIFT_EVERY_US : LOOK_EVERY_US);
}

static void on_set(void *context, uint32_t events)
{
    struct wall_clock *clock = context;
    (void)events;
    uint64_t expired;
    if (read(clock->fd, &expired, sizeof(expired)) < 0 && errno == EAGAIN) {
        return;
    }
    arm(clock);
    look(clock);
}

int wall_clock_new(struct loop *loop, const struct wall_clock_options *options,
                   struct wall_clock **ret)
{
    struct wall_clock *clock = calloc(1, sizeof(*clock));
    if (clock == NULL) {
        return -ENOMEM;
    }
    clock->loop = loop;
    clock->options = *options;
    clock->started_us = loop_now_us(loop);
    clock->trusted = options->trusted;
    clock->timer = (struct timer){.fn = on_timer, .context = clock};
    clock->source = (struct loop_fd){.fn = on_set, .context = clock};
    clock->fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
    int r = clock->fd >= 0 ? loop_fd_watch(loop, &clock->source, clock->fd, EPOLLIN) : -errno;
    if (r < 0) {
        wall_clock_free(clock);
        return r;
    }
    arm(clock);
    *ret = clock;
    return 0;
}

void wall_clock_free(struct wall_clock *clock)
{
    if (clock == NULL) {
        return;
    }
    loop_timer_cancel(clock->loop, &clock->timer);
    if (clock->fd >= 0) {
        loop_fd_unwatch(clock->loop, &clock->source);
        (void)close(clock->fd);
    }
    free(clock);
}

bool wall_clock_is_trusted(const struct wall_clock *clock)
{
    return clock->trusted;
}

void wall_clock_start(struct wall_clock *clock)
{
    loop_timer_after(clock->loop, &clock->timer, 0);
}

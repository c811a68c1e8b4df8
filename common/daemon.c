#include "common/daemon.h"

#include "common/log.h"
#include "common/service_manager.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>

#define SIGNS_PER_WATCHDOG 4 /* one may be late without a restart */
#define LOG_SETTLE_US      (10 * US_PER_S)

struct running {
    struct loop *loop;
    const char *name;
    struct daemon_handler handler;
    struct service_manager manager;
    struct timer life_timer;
    struct timer log_timer;
    bool told_stuck;
};

static void on_stop_signal(void *context, int signal_number)
{
    const struct running *running = context;
    log_info(running->name, "stopping (%s)", strsignal(signal_number));
    service_manager_tell(&running->manager, "STOPPING=1");
    running->handler.stop(running->handler.context);
}

/* A sign of life comes from the loop itself, so it also proves that the loop turns. */
static void on_life(void *context)
{
    struct running *running = context;
    loop_timer_after(running->loop, &running->life_timer,
                     running->manager.watchdog_us / SIGNS_PER_WATCHDOG);
    const char *part = running->handler.stuck(running->handler.context);
    if (part == NULL) {
        service_manager_tell(&running->manager, "WATCHDOG=1");
    } else if (!running->told_stuck) {
        log_error(running->name, "%s does not move: waiting for the service manager to restart us",
                  part);
    }
    running->told_stuck = part != NULL;
}

static void on_log(void *context)
{
    struct running *running = context;
    loop_timer_after(running->loop, &running->log_timer, LOG_SETTLE_US);
    log_settle(false);
}

static void begin(struct running *running)
{
    int r = service_manager_open(&running->manager);
    if (r < 0) {
        log_warning(running->name, "cannot tell the service manager (NOTIFY_SOCKET): %s",
                    strerror(-r));
    }
    if (running->handler.manager != NULL) {
        *running->handler.manager = running->manager;
    }
    service_manager_tell(&running->manager, "READY=1");
    if (running->manager.watchdog_us > 0) {
        loop_timer_after(running->loop, &running->life_timer, 0);
    }
    loop_timer_after(running->loop, &running->log_timer, LOG_SETTLE_US);
}

int daemon_run(struct loop *loop, const char *name, const struct daemon_handler *handler)
{
    struct running running = {.loop = loop, .name = name, .handler = *handler};
    running.life_timer = (struct timer){.fn = on_life, .context = &running};
    running.log_timer = (struct timer){.fn = on_log, .context = &running};
    int r = loop_on_signal(loop, SIGTERM, on_stop_signal, &running);
    if (r == 0) {
        r = loop_on_signal(loop, SIGINT, on_stop_signal, &running);
    }
    if (r == 0) {
        begin(&running);
        r = loop_run(loop);
    }
    loop_timer_cancel(loop, &running.life_timer);
    loop_timer_cancel(loop, &running.log_timer);
    if (handler->manager != NULL) {
        *handler->manager = (struct service_manager){.fd = -1};
    }
    service_manager_close(&running.manager);
    if (r < 0) {
        log_error(name, "stopped: %s", strerror(-r));
    }
    log_settle(true);
    return r;
}

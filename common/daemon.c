#include "common/daemon.h"

#include "common/log.h"

#include <signal.h>
#include <string.h>

struct running {
    const char *name;
    void (*stop)(void *context);
    void *context;
};

static void on_stop_signal(void *context, int signal_number)
{
    const struct running *running = context;
    log_info(running->name, "stopping (%s)", strsignal(signal_number));
    running->stop(running->context);
}

int daemon_run(struct loop *loop, const char *name, void (*stop)(void *context), void *context)
{
    struct running running = {name, stop, context};
    int r = loop_on_signal(loop, SIGTERM, on_stop_signal, &running);
    if (r == 0) {
        r = loop_on_signal(loop, SIGINT, on_stop_signal, &running);
    }
    if (r == 0) {
        r = loop_run(loop);
    }
    if (r < 0) {
        log_error(name, "stopped: %s", strerror(-r));
    }
    return r;
}

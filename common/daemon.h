/* The frame of a daemon: signals in, an orderly stop out, and a service manager that knows how it
 * is. */
#ifndef EDGE_COMMON_DAEMON_H
#define EDGE_COMMON_DAEMON_H

#include "common/attributes.h"
#include "common/loop.h"
#include "common/service_manager.h"

struct daemon_handler {
    /* SIGTERM or SIGINT came; it ends in loop_stop(). */
    void (*stop)(void *context);
    /* Which part has work and does not move, as a phrase for people; NULL: none. Asked while a
     * service manager wants signs of life, which it gets no more as long as there is such a part.
     */
    const char *(*stuck)(void *context);
    void *context;
    struct service_manager
        *manager; /* set while the loop runs, for who reloads; NULL: for nobody */
};

/* Tells the service manager, if there is one, that the daemon is ready, and runs the loop. Gives
 * the loop's result or -errno. */
EDGE_MUST_CHECK int daemon_run(struct loop *loop, const char *name,
                               const struct daemon_handler *handler);

#endif

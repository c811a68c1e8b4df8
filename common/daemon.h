/* The frame of a daemon: signals in, an orderly stop out. */
#ifndef EDGE_COMMON_DAEMON_H
#define EDGE_COMMON_DAEMON_H

#include "common/attributes.h"
#include "common/loop.h"

/* Runs the loop. SIGTERM and SIGINT call `stop`, which ends in loop_stop(). Gives the loop's result
 * or -errno. */
EDGE_MUST_CHECK int daemon_run(struct loop *loop, const char *name, void (*stop)(void *context),
                               void *context);

#endif

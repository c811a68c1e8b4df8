/*
 * One blocking call (name resolution, connect) in a thread of its own, its result in the loop.
 *
 * The call's context belongs to the thread while it runs, and to the loop's thread again in `done`.
 * There is no way to interrupt a blocking call, so one can be abandoned: then the thread hands the
 * context to `discard` when the call returns.
 */
#ifndef EDGE_COMMON_OFFLOAD_H
#define EDGE_COMMON_OFFLOAD_H

#include "common/attributes.h"
#include "common/loop.h"

struct offload;

struct offload_call {
    int (*run)(void *context);               /* in the thread */
    void (*done)(void *context, int result); /* in the loop; the offload is gone by then */
    void (*discard)(void *context);          /* in the thread or in offload_abandon() */
    void *context;
};

/* 0 or -errno; on failure nothing was called. */
EDGE_MUST_CHECK int offload_start(struct loop *loop, const struct offload_call *call,
                                  struct offload **ret);

/* Forgets a call that has not reported yet. Accepts NULL. */
void offload_abandon(struct offload *offload);

#endif

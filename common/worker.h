/*
 * A thread that does one kind of blocking work (a database, a disk) for the loop, one job after the
 * other.
 *
 * A job belongs to the thread from worker_submit() until its `done` runs in the loop; nothing else
 * is shared. The queue has a cap: a full one refuses. Jobs finish in the order in which they were
 * submitted. Signals are blocked in the thread. Every function here is for the loop's thread.
 */
#ifndef EDGE_COMMON_WORKER_H
#define EDGE_COMMON_WORKER_H

#include "common/attributes.h"
#include "common/loop.h"

#include <stdbool.h>
#include <stddef.h>

struct worker;

/* Embedded in the owner's job. */
struct worker_job {
    void (*run)(struct worker_job *job);  /* in the thread */
    void (*done)(struct worker_job *job); /* in the loop; may submit again, the same job too */
    struct worker_job *next;              /* the worker's */
};

/* `name` (15 bytes at most) shows in ps and gdb; `jobs_max` is at least 1. 0 or -errno. */
EDGE_MUST_CHECK int worker_new(struct loop *loop, const char *name, size_t jobs_max,
                               struct worker **ret);

/* What worker_new() failed for, in words: those of strerror(), but for a thread that cannot be
 * made. Takes the number as it was returned. */
const char *worker_error_text(int error);

/* Finishes the jobs that were submitted, in the thread, and joins it; then calls the `done` of each
 * that is still unreported; what a `done` submits then is refused. Blocks for as long as they take.
 * Not from a `done`. Accepts NULL. */
void worker_free(struct worker *worker);

/* False: `jobs_max` jobs are pending already; the job stays the caller's. */
EDGE_MUST_CHECK bool worker_submit(struct worker *worker, struct worker_job *job);

/* Jobs submitted and not yet reported: waiting, running, or finished. In a `done` its own job
 * counts no more. */
size_t worker_pending(const struct worker *worker);

#endif

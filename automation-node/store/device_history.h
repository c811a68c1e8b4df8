/*
 * Reading `control_history` back: what devices were told, from the newest decision on. A connection
 * of its own, that only reads; for one thread at a time.
 */
#ifndef EDGE_AUTOMATION_STORE_DEVICE_HISTORY_H
#define EDGE_AUTOMATION_STORE_DEVICE_HISTORY_H

#include "common/attributes.h"

#include <stdbool.h>
#include <stdint.h>

struct device_history;

struct device_history_row {
    int64_t ts_us;
    const char *device;
    const char *target; /* NULL = none, as the next two; valid during the call only */
    const char *source;
    const char *reason;
    int64_t until_us; /* 0 = open */
};

/* False: this row is not taken, and no other either. */
typedef bool (*device_history_fn)(void *context, const struct device_history_row *row);

/* All is borrowed until the close. */
struct device_history_options {
    const char *path;
    const char *node;
    const char *device; /* "" = every device */
    int64_t from_us;    /* wall clock */
    int64_t to_us;      /* excluded */
};

/* 0; -ENOENT: nothing was recorded yet; else -errno as database_open(). */
EDGE_MUST_CHECK int device_history_open(const struct device_history_options *options,
                                        struct device_history **ret);
void device_history_close(struct device_history *history);

/* Goes on after the last row that was taken. 0: there is none left; 1: one was not taken; -errno.
 */
EDGE_MUST_CHECK int device_history_read(struct device_history *history, device_history_fn take,
                                        void *context);

#endif

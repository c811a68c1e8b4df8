/*
 * What the engine says of a device, as a row of the device log: monotonic instants become wall
 * clock, values become text. And how the log fares, said once while it lasts.
 */
#ifndef EDGE_AUTOMATION_NODE_APP_DEVICE_RECORD_H
#define EDGE_AUTOMATION_NODE_APP_DEVICE_RECORD_H

#include "automation-node/app/node_plan.h"
#include "automation-node/engine/engine.h"
#include "automation-node/store/device_log.h"
#include "common/attributes.h"
#include "common/loop.h"

#include <stddef.h>

struct device_record;

/* Who gives what the engine remembers: see device_log.h. */
struct device_record_source {
    void (*collect)(void *context, struct record_batch *records, bool final);
    void *context;
};

/* 0 (also without a store in the configuration), or -errno. `plan` is borrowed. */
EDGE_MUST_CHECK int device_record_new(struct loop *loop, const struct node_plan *plan,
                                      const struct device_record_source *source,
                                      struct device_record **ret);
/* Writes what is left; blocks. Accepts NULL. */
void device_record_free(struct device_record *record);

void device_record_state(struct device_record *record, size_t device,
                         const struct device_state *state);

/* Another plan with the same store, and another context for the source. */
void device_record_hand_over(struct device_record *record, const struct node_plan *plan,
                             void *context);

/* The source has something to collect. */
void device_record_wake(struct device_record *record);

/* A write has taken many minutes: devices are driven, but nothing is remembered. */
bool device_record_is_stuck(const struct device_record *record);

/* Its counters; complains in the log when the database cannot be written. */
struct device_log_stats device_record_report(struct device_record *record);

#endif

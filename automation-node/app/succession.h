/*
 * What the leader of a group remembers, at the broker: `<node>/memory/<kind>/<id>`, one record of
 * one thing each, as they go to the store. The leader publishes them, the others collect them, and
 * whoever leads next goes on from there (docs/standby.md). Inputs are not among them: everybody
 * follows these.
 */
#ifndef EDGE_AUTOMATION_NODE_APP_SUCCESSION_H
#define EDGE_AUTOMATION_NODE_APP_SUCCESSION_H

#include "automation-node/app/node_plan.h"
#include "automation-node/engine/engine.h"
#include "automation-node/engine/engine_snapshot.h"
#include "common/attributes.h"
#include "common/loop.h"
#include "common/lvq.h"
#include "common/mqtt_message.h"

#include <stdbool.h>
#include <stdint.h>

struct succession;

struct succession_stats {
    uint64_t published;
    uint64_t too_long; /* records that a message does not hold: whoever follows begins anew there */
    uint64_t collected;
    uint64_t malformed;
};

/* 0 or -errno. All is borrowed; the things are those that `engine` has. */
EDGE_MUST_CHECK int succession_new(struct loop *loop, const struct node_plan *plan,
                                   struct lvq *queue, const struct engine *engine,
                                   struct succession **ret);
void succession_free(struct succession *succession);

/* 0 or as topic_filter_format(). */
EDGE_MUST_CHECK int succession_filter(const struct succession *succession, char *filter,
                                      size_t size);

/* What `old` has collected, as far as the things are the same, passes on. */
void succession_take_over(struct succession *succession, struct succession *old);

/* As leader, in that epoch. */
void succession_publish(struct succession *succession, const struct engine_record *record,
                        uint64_t epoch);

/* A message that arrived. False if it is on another topic. */
bool succession_on_message(struct succession *succession, const struct mqtt_received *message);

/* What was collected, of each thing the record of the newest epoch. *ret is to be freed with
 * free(); its texts are borrowed until the next message. 0 or -ENOMEM. */
EDGE_MUST_CHECK int succession_records(const struct succession *succession,
                                       struct engine_record **ret, size_t *ret_count);

struct succession_stats succession_stats(const struct succession *succession);

#endif

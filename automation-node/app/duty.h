/*
 * Whether this node drives its devices: alone, or as the leader of its group, and not those that
 * another node had claimed before. standby/ decides; this speaks with the broker: claims, who is
 * there, and what gateways know (docs/standby.md).
 */
#ifndef EDGE_AUTOMATION_NODE_APP_DUTY_H
#define EDGE_AUTOMATION_NODE_APP_DUTY_H

#include "automation-node/app/node_plan.h"
#include "automation-node/standby/standby.h"
#include "common/attributes.h"
#include "common/loop.h"
#include "common/lvq.h"
#include "common/mqtt_message.h"
#include "topics/payload_node_claim.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mqtt_link;

struct duty_options {
    struct loop *loop;
    struct lvq *queue;
    struct mqtt_link *link;
    const struct node_plan *plan;
    void (*turned)(void *context);  /* duty_leads() is another one */
    void (*settled)(void *context); /* whose devices are whose is known, or known anew */
    void *context;
};

struct duty_stats {
    bool grouped;
    bool leads;
    uint64_t epoch;
    struct standby_stats standby;
    uint64_t malformed; /* claims and fences that cannot be read */
    int64_t silence_us; /* for how long nothing was heard of whoever led before */
    bool handed_over;   /* that one gave it up in order */
    uint64_t conflicts; /* devices that another node drives in spite of this one's claim; now */
};

struct duty;

/* 0 or -errno. All in `options` is borrowed, `turned` and the like never called from within. */
EDGE_MUST_CHECK int duty_new(const struct duty_options *options, struct duty **ret);
void duty_free(struct duty *duty);

/* The filters that it needs, one after the other. */
EDGE_MUST_CHECK int duty_subscribe(const struct duty *duty,
                                   int (*subscribe)(void *context, const char *filter),
                                   void *context);

/* `old`: the same node goes on, with another plan perhaps, and that is to be freed; NULL: it
 * begins.
 */
void duty_start(struct duty *duty, struct duty *old);

/* The connection with the broker is there, or gone. */
void duty_on_link(struct duty *duty, bool up);

/* A message that arrived. False if others may want it, too. */
bool duty_on_message(struct duty *duty, const struct mqtt_received *message);

/* It is this node that decides: it is in no group, or leads it. */
bool duty_leads(const struct duty *duty);

/* A command for the device may leave now. Reads the clock: between a command that was decided and
 * this, the process may have stood still for longer than its lease. */
bool duty_may_drive(const struct duty *duty, size_t device);

/* Another node drives the device: its state is told by that. */
bool duty_is_others(const struct duty *duty, size_t device);

/* For commands; NULL: in no group. Valid until the next call. */
const struct payload_master *duty_master(struct duty *duty);

/* See standby_release(); -ENOTSUP: in no group. */
EDGE_MUST_CHECK int duty_release(struct duty *duty, const char *to);

struct duty_stats duty_stats(const struct duty *duty);

#endif

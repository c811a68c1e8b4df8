/* The inside of a running node, for node*.c only. */
#ifndef EDGE_AUTOMATION_NODE_APP_NODE_IMPL_H
#define EDGE_AUTOMATION_NODE_APP_NODE_IMPL_H

#include "automation-node/app/alarm_topics.h"
#include "automation-node/app/controller_topics.h"
#include "automation-node/app/device_record.h"
#include "automation-node/app/device_topics.h"
#include "automation-node/app/duty.h"
#include "automation-node/app/engine_keeper.h"
#include "automation-node/app/filter_list.h"
#include "automation-node/app/held_wishes.h"
#include "automation-node/app/node.h"
#include "automation-node/app/node_report.h"
#include "automation-node/app/questions.h"
#include "automation-node/app/readings.h"
#include "automation-node/app/remembered.h"
#include "automation-node/app/rule_topics.h"
#include "automation-node/app/succession.h"
#include "automation-node/app/topic_inputs.h"
#include "automation-node/app/wall_clock.h"
#include "common/home_assistant.h"
#include "common/mqtt_node.h"

struct node {
    struct loop *loop;
    const struct config *config_file;
    const struct node_plan *plan;
    struct node *predecessor; /* while it is made: its connection, store and state are taken over */
    struct mqtt_node *mqtt;
    bool leads; /* its engine is the one that decides: else it only follows, and nothing it decides
                   leaves */
    struct duty *duty;
    struct succession *succession; /* NULL: in no group */
    struct held_wishes held;
    void (*turn)(void *context); /* `leads` is to be another one: see node_turn() */
    void *turn_context;
    struct engine *engine;
    struct readings *readings;
    struct topic_inputs *topic_inputs;
    struct device_topics *devices;
    struct rule_topics *rules;
    struct controller_topics *controllers;
    struct alarm_topics *alarms;
    struct home_assistant *home; /* NULL: not enabled */
    struct node_report *report;
    struct questions *questions;
    struct device_record *record;
    struct remembered *remembered; /* what the engine goes on with */
    struct engine_keeper *keeper;
    struct wall_clock *clock;
    struct filter_list filters;
    struct driver **drivers;         /* by device */
    struct value *told;              /* by device: the last target in the log */
    const struct build_facts *build; /* NULL: not known */
    void (*reload)(void *context);   /* somebody asks for that; NULL = nobody minds */
    void *reload_context;
    char
        fault[NODE_ERROR_SIZE]; /* while it is made: what could not be had; "" = nothing is known */
    uint64_t stamp_clock; /* the number of the clock that stamps commands, from start to end */
    struct timer tick;
    struct timer telling; /* what is not urgent of what the engine has decided */
    struct timer metrics_timer;
    uint64_t withheld;             /* commands of a node that does not drive, now */
    uint64_t undelivered;          /* commands that could not leave */
    uint64_t messages_undelivered; /* of rules */
};

/* The commands that the engine has decided go out, and the next deadline is noted: after each call
 * into it. All else - states, traces, messages, records - is told in the next turn of the loop. */
void node_settle(struct node *n);

/* That is told now: before the engine is called again, and before it is left. */
void node_tell(struct node *n);

/* To all that its parts want to hear, but for what its predecessor has subscribed to. 0 or -errno.
 */
EDGE_MUST_CHECK int node_subscribe(struct node *n);

/* Filters that only `list` has are subscribed to no longer. */
void node_unsubscribe_from(struct mqtt_node *mqtt, const struct filter_list *list,
                           const struct filter_list *others);

/* 0 or -errno: it did not leave. `context` is the node. */
EDGE_MUST_CHECK int node_publish(void *context, const struct mqtt_publish *publish);

#endif

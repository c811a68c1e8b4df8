/* What the parts of discovery.c share. */
#ifndef EDGE_AUTOMATION_NODE_APP_DISCOVERY_BUILDER_H
#define EDGE_AUTOMATION_NODE_APP_DISCOVERY_BUILDER_H

#include "automation-node/app/node_plan.h"
#include "common/attributes.h"
#include "topics/discovery_name.h"
#include "topics/discovery_pages.h"
#include "topics/discovery_topic.h"
#include "topics/topic.h"

struct discovery_builder {
    const struct node_plan *plan;
    struct discovery_pages pages;
    struct discovery_device device;
    const char *kind; /* "device", "controller", ...: of the present one; part of its ids */
    const char *name; /* its id in the configuration */
    size_t left_out;
    char device_id[DISCOVERY_ID_MAX_BYTES + 1];
    char node_id[DISCOVERY_ID_MAX_BYTES + 1];
    char device_name[DISCOVERY_NAME_SIZE];
    char status_topic[TOPIC_MAX_BYTES + 1];
    char gateway_topic[TOPIC_MAX_BYTES + 1]; /* of a device on a bus: the status of its gateway */
    char bus_topic[TOPIC_MAX_BYTES + 1];     /* and the state of its bus */
};

/* Topics of the node's tree. 0 or as topic_format(). */
EDGE_MUST_CHECK int discovery_builder_topic(const struct discovery_builder *b, enum topic_kind kind,
                                            const char *id, char *text);

/* Begins a device. `title` NULL: made of `name`. False: it cannot be told of, and is counted. */
EDGE_MUST_CHECK bool discovery_builder_begin(struct discovery_builder *b, const char *kind,
                                             const char *name, const char *title, const char *area);
EDGE_MUST_CHECK int discovery_builder_end(struct discovery_builder *b);

/* Adds an entity, whose key and unique id are made of the device's ids and `part`. What does not
 * fit is counted. 0, or what the page function gave. */
EDGE_MUST_CHECK int discovery_builder_add(struct discovery_builder *b, const char *part,
                                          struct discovery_entity *entity);

/* An alarm of the node: whether it is active, and its transitions. `title` goes before the names;
 * NULL: the alarm is the device's only one. */
EDGE_MUST_CHECK int discovery_builder_alarm(struct discovery_builder *b, const char *alarm,
                                            const char *title);

/* The devices of one kind each. 0, or what the page function gave. */
EDGE_MUST_CHECK int discovery_add_device(struct discovery_builder *b, size_t device);
EDGE_MUST_CHECK int discovery_add_thermostat(struct discovery_builder *b, size_t thermostat);
EDGE_MUST_CHECK int discovery_add_controller(struct discovery_builder *b, size_t controller);
EDGE_MUST_CHECK int discovery_add_climate(struct discovery_builder *b, size_t climate);

#endif

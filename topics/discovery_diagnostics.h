/*
 * What Home Assistant shows of the health of a node and its buses, as one const table: members
 * of the bus state and of the metrics, as payload_node.h and payload_metrics.h write them.
 */
#ifndef EDGE_TOPICS_DISCOVERY_DIAGNOSTICS_H
#define EDGE_TOPICS_DISCOVERY_DIAGNOSTICS_H

#include "topics/attributes.h"
#include "topics/discovery_entity.h"
#include "topics/discovery_template.h"

#include <stddef.h>

enum discovery_source {
    DISCOVERY_FROM_BUS_STATE,   /* once for each bus */
    DISCOVERY_FROM_ANY_METRICS, /* of whatever node */
    DISCOVERY_FROM_METRICS,     /* of a gateway */
    DISCOVERY_FROM_LOG_METRICS  /* of a gateway that logs */
};

/* An entity without its topic, key and unique id, which are the caller's. */
struct discovery_diagnostic {
    struct discovery_entity entity; /* borrows from here: stay where it is */
    char template[DISCOVERY_TEMPLATE_SIZE];
    const char *id; /* part of its key; static */
};

size_t discovery_diagnostic_count(void);
enum discovery_source discovery_diagnostic_source(size_t index);

/* 0, or -EMSGSIZE. */
TOPICS_MUST_CHECK int discovery_diagnostic(size_t index, struct discovery_diagnostic *ret);

#endif

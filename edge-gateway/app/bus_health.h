/*
 * How one bus is: its states, counters and traffic, made alarms and figures of. Looks once a
 * second.
 */
#ifndef EDGE_GATEWAY_APP_BUS_HEALTH_H
#define EDGE_GATEWAY_APP_BUS_HEALTH_H

#include "common/attributes.h"
#include "common/loop.h"
#include "edge-gateway/app/alarms.h"
#include "edge-gateway/app/plan.h"
#include "edge-gateway/bus/bus.h"
#include "topics/payload_node.h"

#include <stddef.h>

struct bus_health_options {
    struct loop *loop;
    const struct gateway_plan *plan;
    size_t index; /* of the bus */
    struct alarms *alarms;
};

struct bus_health;

/* 0 or -ENOMEM. All is borrowed. */
EDGE_MUST_CHECK int bus_health_new(const struct bus_health_options *options,
                                   struct bus_health **ret);
void bus_health_free(struct bus_health *health);

/* From here on it looks at that bus; before that one is started. */
void bus_health_start(struct bus_health *health, const struct bus *bus);

/* Goes on where `from` ended, which looked at the same bus through an earlier configuration. 0 or
 * -ENOMEM, and then it begins anew. */
EDGE_MUST_CHECK int bus_health_adopt(struct bus_health *health, const struct bus_health *from);

/* A data frame; `message` is NULL where no DBC names it. */
void bus_health_on_frame(struct bus_health *health, const struct frame *frame,
                         const struct dbc_message *message);
void bus_health_on_state(struct bus_health *health, const struct bus_status *status);

/* What it is like now; rate, load, and what is silent or unknown are those of the last look. Texts
 * are borrowed until the next one. */
void bus_health_describe(const struct bus_health *health, struct payload_bus_state *ret);

#endif

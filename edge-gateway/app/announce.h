/*
 * What the gateway says of itself: info, catalog and bus states (retained), metrics.
 * The status topic belongs to the MQTT session, whose will it is.
 */
#ifndef EDGE_GATEWAY_APP_ANNOUNCE_H
#define EDGE_GATEWAY_APP_ANNOUNCE_H

#include "common/attributes.h"
#include "edge-gateway/app/environment.h"
#include "edge-gateway/app/plan.h"
#include "topics/payload_node.h"

#include <stddef.h>
#include <stdint.h>

struct announcer;

/* Adds the topics to the queue. 0, -EINVAL or -ENOMEM. All is borrowed. `started_us`: when the
 * gateway was started, of the wall clock. */
EDGE_MUST_CHECK int announcer_new(const struct gateway_plan *plan, int64_t started_us,
                                  const struct environment *environment, struct announcer **ret);
void announcer_free(struct announcer *announcer);
/* Goes on where `from` ended: it runs for as long. */
void announcer_adopt(struct announcer *announcer, const struct announcer *from);

/* Both are published where they are news. `configuration` is the hash of the effective
 * configuration. */
void announce_info(struct announcer *announcer, uint64_t configuration);

void announce_catalog(struct announcer *announcer, const char *text, size_t length);

void announce_bus_state(struct announcer *announcer, size_t bus,
                        const struct payload_bus_state *state);

/* Since the start of the gateway. */
uint64_t announce_uptime_s(const struct announcer *announcer);

/* `tell` tells the groups of counters. */
void announce_metrics(struct announcer *announcer,
                      void (*tell)(void *context, const struct counter_sink *sink), void *context);

#endif

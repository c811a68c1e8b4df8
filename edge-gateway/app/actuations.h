/*
 * MQTT wishes to frames on the bus: topics `.../can/<bus>/<message>/set`. Checks what arrives,
 * keeps what the bus cannot take yet until its time to live ends, answers whoever asked.
 */
#ifndef EDGE_GATEWAY_APP_ACTUATIONS_H
#define EDGE_GATEWAY_APP_ACTUATIONS_H

#include "common/attributes.h"
#include "common/mqtt_link.h"
#include "edge-gateway/app/environment.h"
#include "edge-gateway/app/plan.h"
#include "edge-gateway/command/command.h"

/* wished = sum of refused + superseded + sent + waiting. */
struct actuations_stats {
    uint64_t wished;
    uint64_t refused[COMMAND_RESULT_COUNT]; /* by reason; [COMMAND_ACCEPTED] stays 0 */
    uint64_t superseded;                    /* replaced by a newer wish before it could be sent */
    uint64_t sent;
    uint64_t waiting;    /* now */
    uint64_t unanswered; /* answers that could not be sent */
};

struct actuations_options {
    const struct gateway_plan *plan;
    const struct environment *environment; /* copied */
    struct mqtt_link *link;                /* for answers */
    /* Hands a frame to a bus: 0 or -errno as bus_send(). */
    int (*send)(void *context, size_t bus, const struct frame *frame);
    void *context;
    bool follows; /* actuations_adopt() comes */
};

struct actuations;

/* 0 or -ENOMEM. All in `options` is borrowed. */
EDGE_MUST_CHECK int actuations_new(const struct actuations_options *options,
                                   struct actuations **ret);
void actuations_free(struct actuations *actuations);

/* Goes on where `from` ended, of an earlier configuration: wishes that wait for the bus wait on, or
 * are refused where the configuration has their message no more or otherwise. */
void actuations_adopt(struct actuations *actuations, struct actuations *from);

/* Subscribes; the link repeats it at each connection. 0 or -errno. */
EDGE_MUST_CHECK int actuations_subscribe(struct actuations *actuations);

/* A message that arrived. False if it is none of these topics. */
bool actuations_on_message(struct actuations *actuations, const struct mqtt_received *message);

/* The bus may take frames again. */
void actuations_on_bus_ready(struct actuations *actuations, size_t bus);

struct actuations_stats actuations_stats(const struct actuations *actuations);

#endif

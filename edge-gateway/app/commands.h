/*
 * MQTT wishes to frames on the bus: topics `.../can/<bus>/<message>/set`. Checks what arrives, keeps what the bus cannot
 * take yet until its time to live ends, answers whoever asked.
 */
#ifndef EDGE_GATEWAY_APP_COMMANDS_H
#define EDGE_GATEWAY_APP_COMMANDS_H

#include "common/attributes.h"
#include "common/mqtt_link.h"
#include "edge-gateway/app/environment.h"
#include "edge-gateway/app/plan.h"
#include "edge-gateway/command/command.h"

/* wished = sum of refused + superseded + sent + waiting. */
struct commands_stats {
    uint64_t wished;
    uint64_t refused[COMMAND_RESULT_COUNT]; /* by reason; [COMMAND_ACCEPTED] stays 0 */
    uint64_t superseded;                    /* replaced by a newer wish before it could be sent */
    uint64_t sent;
    uint64_t waiting; /* now */
};

struct commands_options {
    const struct gateway_plan *plan;
    const struct environment *environment; /* copied */
    struct mqtt_link *link;                /* for answers */
    /* Hands a frame to a bus: 0 or -errno as bus_send(). */
    int (*send)(void *context, size_t bus, const struct frame *frame);
    void *context;
};

struct commands;

/* 0 or -ENOMEM. All in `options` is borrowed. */
EDGE_MUST_CHECK int commands_new(const struct commands_options *options, struct commands **ret);
void commands_free(struct commands *commands);

/* Subscribes; the link repeats it at each connection. 0 or -errno. */
EDGE_MUST_CHECK int commands_subscribe(struct commands *commands);

/* A message that arrived. False if it is none of these topics. */
bool commands_on_message(struct commands *commands, const struct mqtt_received *message);

/* The bus may take frames again. */
void commands_on_bus_ready(struct commands *commands, size_t bus);

struct commands_stats commands_stats(const struct commands *commands);

#endif

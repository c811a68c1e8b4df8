/* The inside of a node at the broker, for mqtt_node*.c only. */
#ifndef EDGE_COMMON_MQTT_NODE_IMPL_H
#define EDGE_COMMON_MQTT_NODE_IMPL_H

#include "common/broker_config.h"
#include "common/complaint.h"
#include "common/mqtt_node.h"
#include "common/standstill.h"

#define MQTT_NODE_STOP_PATIENCE_US US_PER_S

_Static_assert(MQTT_END_COUNT <= 32, "a bit for each");

struct mqtt_node_change {
    struct mqtt_link_options *link; /* a copy */
    struct tls_watch *tls;          /* with BROKER_MOVE; NULL: without TLS */
    struct intake_limits limits;
    int64_t patience_us;
    bool moves;
};

struct mqtt_node {
    struct loop *loop;
    struct mqtt_link *link;
    struct lvq *queue;
    struct tls_watch *tls;          /* NULL: without TLS */
    struct retained_ledger *ledger; /* NULL: retained topics are not remembered */
    struct mqtt_node_handler handler;
    char *client_id;
    char *status_topic;
    const char *online;
    const char *offline;
    size_t status_slot;
    struct complaint no_connection;
    uint32_t told[MQTT_LINK_ADDRESSES_MAX]; /* ends since the last connection, a bit each */
    const struct mqtt_node_gate *gate;
    char *prefix; /* of all topics, for the gate */
    struct intake intake;
    struct complaint refusals; /* by the intake */
    struct standstill standstill;
    int64_t patience_us;           /* with a link that does not move */
    bool stopping;                 /* a wanted end is no complaint */
    bool leaving;                  /* ... and nor is one for the sake of the next connection */
    struct mqtt_node_change *next; /* waits until the broker can be left; NULL: the node stays */
    int64_t leave_by_us;
    struct timer leave;
};

/* `offline`; borrows the node. */
struct mqtt_publish mqtt_node_last_word(const struct mqtt_node *node);

/* Borrows all four. */
struct mqtt_link_options mqtt_node_link_options(const struct mqtt_node *node,
                                                const struct mqtt_publish *will,
                                                struct broker_addresses *addresses,
                                                const struct broker_config *config);

/* With a link that does not move. */
int64_t mqtt_node_patience_us(const struct broker_config *config);

/* The broker may be left; `context` is the node. */
void mqtt_node_on_leave(void *context);

#endif

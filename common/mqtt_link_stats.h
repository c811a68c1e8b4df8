/* What a link counts (mqtt_link.h), for those who tell of it and have nothing to do with the link.
 */
#ifndef EDGE_COMMON_MQTT_LINK_STATS_H
#define EDGE_COMMON_MQTT_LINK_STATS_H

#include "common/counters.h"
#include "common/mqtt_end.h"

#include <stdint.h>

enum mqtt_version {
    MQTT_VERSION_AUTO, /* 5, or 3.1.1 where 5 is refused */
    MQTT_VERSION_311,
    MQTT_VERSION_5
};

struct mqtt_link_stats {
    uint64_t attempts;
    uint64_t connects; /* attempts that succeeded */
    uint64_t published;
    uint64_t acknowledged;
    uint64_t refused; /* publishes, by the broker */
    uint64_t lost;    /* unacknowledged when the connection ended */
    uint64_t received;
    uint64_t outstanding;          /* now */
    uint64_t ends[MQTT_END_COUNT]; /* of connections and attempts, by reason */
    int64_t broker_until_s;        /* when the broker's certificate expires, since 1970; 0 = none */
    enum mqtt_version version;     /* in use; AUTO while there is no connection */
};

/* The groups "mqtt" and "mqtt_ends". */
void mqtt_link_stats_tell(const struct counter_sink *sink, const struct mqtt_link_stats *stats);

#endif

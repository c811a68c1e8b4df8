/* A link that goes to another broker, or waits otherwise between its attempts. A part of
 * mqtt_link.c. */
#ifndef EDGE_COMMON_MQTT_LINK_MOVE_H
#define EDGE_COMMON_MQTT_LINK_MOVE_H

#include <stdint.h>

struct mqtt_link;
struct mqtt_link_options;
struct mqtt_publish;

/* Takes options (mqtt_link_options.h) for another session: leaves the one that there is as
 * mqtt_link_stop() does, tells `down`, and connects with them; subscriptions go along. Without a
 * connection, at once. After mqtt_link_stop() nothing happens. Not within a callback. */
void mqtt_link_move(struct mqtt_link *link, struct mqtt_link_options *take,
                    const struct mqtt_publish *last, int64_t patience_us);

/* Of `options` connect_timeout, retry_min, retry_max and reconnect_spread: from now on, and the
 * connection stays. */
void mqtt_link_set_waits(struct mqtt_link *link, const struct mqtt_link_options *options);

#endif

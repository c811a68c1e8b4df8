/* Options of a link that own all that they point to: a link keeps such a copy, and is moved to one
 * (mqtt_link_move()). */
#ifndef EDGE_COMMON_MQTT_LINK_OPTIONS_H
#define EDGE_COMMON_MQTT_LINK_OPTIONS_H

#include "common/attributes.h"

struct mqtt_link_options;

/* 0; -EINVAL: no link can work with them; -ENOMEM. */
EDGE_MUST_CHECK int mqtt_link_options_copy(const struct mqtt_link_options *options,
                                           struct mqtt_link_options **ret);
/* Of a copy. Accepts NULL. */
void mqtt_link_options_free(struct mqtt_link_options *copy);

#endif

/*
 * Home Assistant's topics for MQTT discovery. They are not part of our tree: the prefix is the one
 * that Home Assistant is configured with, "homeassistant" unless somebody has changed it.
 */
#ifndef EDGE_TOPICS_DISCOVERY_TOPIC_H
#define EDGE_TOPICS_DISCOVERY_TOPIC_H

#include "topics/attributes.h"
#include "topics/limits.h"

#include <stdbool.h>
#include <stddef.h>

#define DISCOVERY_PREFIX_DEFAULT "homeassistant"
#define DISCOVERY_ID_MAX_BYTES   400 /* of a device's or an entity's id, in topics and payloads */

/* What follows the prefix and a slash, with the parts of topic_table.h. A node has a level of its
 * own, so that a broker can keep it from describing the devices of another. */
#define DISCOVERY_CONFIG_PATTERN "device/%node/%id/config"
#define DISCOVERY_BIRTH_PATTERN  "status"

/* "<prefix>/device/<node>/<id>/config"; `node` is an id of the tree, and so is `id`, which can be
 * longer. -EINVAL, -ENAMETOOLONG. TOPIC_MAX_BYTES + 1 is always enough. */
TOPICS_MUST_CHECK int discovery_config_topic(const char *prefix, const char *node, const char *id,
                                             char *text, size_t size);

/* Whether a legal topic is such a one, with whatever prefix. */
bool discovery_is_config_topic(const char *topic);

/* "<prefix>/status": where Home Assistant says that it has started. */
TOPICS_MUST_CHECK int discovery_birth_topic(const char *prefix, char *text, size_t size);

/* What it says there then; static. */
const char *discovery_birth_text(void);

/*
 * An id of several names with '_' between, up to the first NULL: each character that is not allowed
 * in an id becomes '_'. Different names can give the same id: the caller must look. -ENAMETOOLONG
 * beyond `size`, or DISCOVERY_ID_MAX_BYTES: nothing is cut off.
 */
TOPICS_MUST_CHECK int discovery_id(const char *const *names, char *ret_id, size_t size);

#endif

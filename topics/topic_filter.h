/* Subscriptions as MQTT 5 (and 3.1.1), section 4.7, defines them. */
#ifndef EDGE_TOPICS_TOPIC_FILTER_H
#define EDGE_TOPICS_TOPIC_FILTER_H

#include <stdbool.h>

/* '+' and '#' alone on their level, '#' last, well-formed UTF-8, 1 to 65535 bytes. */
bool topic_filter_is_valid(const char *filter);

/* A topic that can be published to, in anybody's tree: as above, without wildcards. */
bool topic_name_is_valid(const char *topic);

/* `filter` and `topic` are valid ones. A filter that starts with a wildcard does not match a topic
 * that starts with '$'. */
bool topic_matches(const char *filter, const char *topic);

#endif

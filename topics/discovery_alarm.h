/* An alarm of a node for Home Assistant: whether it is active, and its transitions as events. */
#ifndef EDGE_TOPICS_DISCOVERY_ALARM_H
#define EDGE_TOPICS_DISCOVERY_ALARM_H

#include "topics/attributes.h"
#include "topics/discovery_entity.h"
#include "topics/discovery_name.h"
#include "topics/discovery_template.h"
#include "topics/payload_alarm.h"

struct discovery_alarm_options {
    const char *id;
    const char *title; /* before the names; NULL: the alarm is the only one of its device */
    const char *state_topic;
    const char *event_topic;
};

/* Both without key and unique id, which are the caller's. */
struct discovery_alarm {
    struct discovery_entity state; /* both borrow from here: stay where it is */
    struct discovery_entity event;
    char template[DISCOVERY_TEMPLATE_SIZE];
    char event_name[DISCOVERY_NAME_SIZE + 16];
    const char *words[PAYLOAD_ALARM_EVENT_COUNT];
};

/* 0, or -EMSGSIZE. */
TOPICS_MUST_CHECK int discovery_alarm(const struct discovery_alarm_options *options,
                                      struct discovery_alarm *ret);

#endif

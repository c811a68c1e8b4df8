/*
 * How devices of other projects speak MQTT, as one const table: where their commands go, where they
 * tell their state, and how one knows that they are there.
 *
 * In a pattern %t is the topic that a person gives for the device, %f the field, and %d the topic
 * without its last two levels.
 */
#ifndef EDGE_TOPICS_FOREIGN_H
#define EDGE_TOPICS_FOREIGN_H

#include "topics/attributes.h"

#include <stdbool.h>
#include <stddef.h>

#define FOREIGN_STATES_MAX 2

enum foreign_kind {
    FOREIGN_TASMOTA,
    FOREIGN_ZIGBEE2MQTT,
    FOREIGN_ESPHOME,
    FOREIGN_HOMIE,
    FOREIGN_KIND_COUNT
};

/* A topic with plain text, or with JSON of which one field counts. */
struct foreign_topic {
    const char *pattern; /* NULL = there is none */
    bool is_json;        /* the field is %f */
};

struct foreign_device {
    const char *name;
    const char *example;          /* of the topic that a person gives */
    const char *field;            /* default; NULL = it has no fields */
    struct foreign_topic command; /* JSON: {"<field>": <value>} */
    struct foreign_topic states[FOREIGN_STATES_MAX];
    const char *availability;       /* pattern */
    const char *availability_field; /* NULL = plain text */
    const char *online;             /* what it says there */
    const char *on;                 /* the words of a switch */
    const char *off;
};

/* Static; never NULL. */
const struct foreign_device *foreign_device(enum foreign_kind kind);

/* -EINVAL: the topic has too few levels, or what comes out is none that can be published to;
 * -ENAMETOOLONG: it does not fit. `field` may be NULL where the pattern has none. */
TOPICS_MUST_CHECK int foreign_topic_format(const char *pattern, const char *topic,
                                           const char *field, char *text, size_t size);

#endif

/*
 * The tree as one const table: every kind of topic, its place in the tree and its rules on the
 * wire. `asyncapi.yaml` says the same for other languages; a test compares the two.
 */
#ifndef EDGE_TOPICS_TOPIC_TABLE_H
#define EDGE_TOPICS_TOPIC_TABLE_H

#include <stdbool.h>
#include <stddef.h>

enum topic_kind {
    TOPIC_STATUS,
    TOPIC_INFO,
    TOPIC_METRICS,
    TOPIC_EVENT,
    TOPIC_CATALOG,
    TOPIC_BUS_STATE,
    TOPIC_READING,
    TOPIC_SIGNAL,
    TOPIC_BACKFILL,
    TOPIC_BACKFILL_BATCH,
    TOPIC_BACKFILL_SUMMARY,
    TOPIC_BACKFILL_EVENT,
    TOPIC_BACKFILL_GAP,
    TOPIC_MESSAGE_SET,
    TOPIC_ALARM,
    TOPIC_ALARM_SET,
    TOPIC_ALARM_EVENT,
    TOPIC_DEVICE_SET,
    TOPIC_DEVICE_STATE,
    TOPIC_RULE_STATE,
    TOPIC_RULE_SET,
    TOPIC_RULE_TRACE,
    TOPIC_SCHEDULE_STATE,
    TOPIC_SCHEDULE_SET,
    TOPIC_CONTROLLER_STATE,
    TOPIC_CONTROLLER_SET,
    TOPIC_REQUEST,
    TOPIC_RESPONSE,
    TOPIC_ANSWER,
    TOPIC_ACK,
    TOPIC_CLAIM,
    TOPIC_FENCES,
    TOPIC_MEMORY
};

enum {
    TOPIC_KIND_COUNT = TOPIC_MEMORY + 1
};

enum topic_retain {
    TOPIC_RETAIN_NO,   /* publish without; one that arrives retained is harmless */
    TOPIC_RETAIN_YES,  /* publish with; an empty payload deletes it */
    TOPIC_RETAIN_NEVER /* a retained one that arrives is refused: it would act again and again */
};

/* MQTT 5 message expiry. */
enum topic_expiry {
    TOPIC_EXPIRY_NONE,
    TOPIC_EXPIRY_STALE,  /* the message's stale time: an old value must not look like a new one */
    TOPIC_EXPIRY_COMMAND /* short (10 to 30 s): a late command must die */
};

enum topic_content {
    TOPIC_CONTENT_TEXT,  /* one plain word or number */
    TOPIC_CONTENT_JSON,  /* one JSON object; a batch of the backfill lane: an array of them */
    TOPIC_CONTENT_EITHER /* starts with '{': JSON object, else plain text */
};

struct topic_traits {
    const char *name;    /* "bus_state": the channel's name in asyncapi.yaml */
    const char *pattern; /* "%site/%node/can/%bus/state"; follows the prefix and a slash */
    const char *schema;  /* "bus_state": schemas/<schema>.schema.json describes the payload */
    enum topic_content content;
    enum topic_retain retain;
    enum topic_expiry expiry;
    int qos; /* of a publish; readings with `delivery: live` go with 0 */
};

/* Static; never NULL. */
const struct topic_traits *topic_traits(enum topic_kind kind);

/* The kind with that `name`: false if there is none. */
bool topic_kind_from_name(const char *name, enum topic_kind *ret);

/* A message of this kind that arrives with the retained flag must be refused and counted. */
bool topic_never_retained(enum topic_kind kind);

/* What is wished of a node or a device: `.../set`. */
bool topic_is_wish(enum topic_kind kind);

enum {
    TOPIC_PART_COUNT = 12
};

/* A variable level of a pattern. */
struct topic_part {
    const char *name;     /* "%bus" */
    const char *reserved; /* ids it cannot have, because the tree uses the words there, with a space
                             between; NULL = none */
    size_t offset;        /* of its `const char *` in struct topic */
    size_t parsed_offset; /* of its char array in struct topic_parsed */
};

/* `index` is below TOPIC_PART_COUNT. */
const struct topic_part *topic_part(size_t index);

/* Whether the text, which need not end in a NUL, is an id that the part cannot have. */
bool topic_part_reserves(const struct topic_part *part, const char *text, size_t length);

#endif

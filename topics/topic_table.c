#include "topics/topic_table.h"
#include "topics/topic.h"

#include <string.h>

/* No two rows can match the same topic: where a word of the tree and an id meet on one level, the
 * word is reserved (`parts`, below), so a signal that is called "set" gets another id. */
static const struct topic_traits kinds[] = {
    [TOPIC_STATUS] = {"status", "%site/%node/status", "status", TOPIC_CONTENT_TEXT,
                      TOPIC_RETAIN_YES, TOPIC_EXPIRY_NONE, 1},
    [TOPIC_INFO] = {"info", "%site/%node/info", "info", TOPIC_CONTENT_JSON, TOPIC_RETAIN_YES,
                    TOPIC_EXPIRY_NONE, 1},
    [TOPIC_METRICS] = {"metrics", "%site/%node/metrics", "metrics", TOPIC_CONTENT_JSON,
                       TOPIC_RETAIN_NO, TOPIC_EXPIRY_NONE, 0},
    [TOPIC_EVENT] = {"event", "%site/%node/event", "event", TOPIC_CONTENT_JSON, TOPIC_RETAIN_NO,
                     TOPIC_EXPIRY_NONE, 1},
    [TOPIC_CATALOG] = {"catalog", "%site/%node/catalog", "catalog", TOPIC_CONTENT_JSON,
                       TOPIC_RETAIN_YES, TOPIC_EXPIRY_NONE, 1},
    [TOPIC_BUS_STATE] = {"bus_state", "%site/%node/can/%bus/state", "bus_state", TOPIC_CONTENT_JSON,
                         TOPIC_RETAIN_YES, TOPIC_EXPIRY_NONE, 1},
    [TOPIC_READING] = {"reading", "%site/%node/can/%bus/%message", "reading", TOPIC_CONTENT_JSON,
                       TOPIC_RETAIN_YES, TOPIC_EXPIRY_STALE, 1},
    [TOPIC_SIGNAL] = {"signal", "%site/%node/can/%bus/%message/%signal", "signal",
                      TOPIC_CONTENT_TEXT, TOPIC_RETAIN_YES, TOPIC_EXPIRY_STALE, 1},
    /* The lane's own words have fewer levels than a message: no bus has to give its name up. */
    [TOPIC_BACKFILL] = {"backfill", "%site/%node/backfill/%bus/%message", "reading",
                        TOPIC_CONTENT_JSON, TOPIC_RETAIN_NO, TOPIC_EXPIRY_NONE, 1},
    [TOPIC_BACKFILL_BATCH] = {"backfill_batch", "%site/%node/backfill/batch", "backfill_batch",
                              TOPIC_CONTENT_JSON, TOPIC_RETAIN_NO, TOPIC_EXPIRY_NONE, 1},
    [TOPIC_BACKFILL_SUMMARY] = {"backfill_summary", "%site/%node/backfill/%bus/%message/summary",
                                "backfill_summary", TOPIC_CONTENT_JSON, TOPIC_RETAIN_NO,
                                TOPIC_EXPIRY_NONE, 1},
    [TOPIC_BACKFILL_EVENT] = {"backfill_event", "%site/%node/backfill/event", "backfill_event",
                              TOPIC_CONTENT_JSON, TOPIC_RETAIN_NO, TOPIC_EXPIRY_NONE, 1},
    [TOPIC_BACKFILL_GAP] = {"backfill_gap", "%site/%node/backfill/gap", "backfill_gap",
                            TOPIC_CONTENT_JSON, TOPIC_RETAIN_NO, TOPIC_EXPIRY_NONE, 1},
    [TOPIC_MESSAGE_SET] = {"message_set", "%site/%node/can/%bus/%message/set", "message_set",
                           TOPIC_CONTENT_JSON, TOPIC_RETAIN_NEVER, TOPIC_EXPIRY_COMMAND, 1},
    [TOPIC_ALARM] = {"alarm", "%site/%node/alarms/%alarm", "alarm", TOPIC_CONTENT_JSON,
                     TOPIC_RETAIN_YES, TOPIC_EXPIRY_NONE, 1},
    [TOPIC_ALARM_SET] = {"alarm_set", "%site/%node/alarms/%alarm/set", "alarm_set",
                         TOPIC_CONTENT_EITHER, TOPIC_RETAIN_NEVER, TOPIC_EXPIRY_COMMAND, 1},
    [TOPIC_ALARM_EVENT] = {"alarm_event", "%site/%node/alarms/event", "alarm_event",
                           TOPIC_CONTENT_JSON, TOPIC_RETAIN_NO, TOPIC_EXPIRY_NONE, 1},
    [TOPIC_DEVICE_SET] = {"device_set", "%site/devices/%id/set", "device_set", TOPIC_CONTENT_EITHER,
                          TOPIC_RETAIN_NEVER, TOPIC_EXPIRY_COMMAND, 1},
    [TOPIC_DEVICE_STATE] = {"device_state", "%site/devices/%id/state", "device_state",
                            TOPIC_CONTENT_JSON, TOPIC_RETAIN_YES, TOPIC_EXPIRY_NONE, 1},
    [TOPIC_RULE_STATE] = {"rule_state", "%site/%node/rules/%id/state", "rule_state",
                          TOPIC_CONTENT_JSON, TOPIC_RETAIN_YES, TOPIC_EXPIRY_NONE, 1},
    [TOPIC_RULE_SET] = {"rule_set", "%site/%node/rules/%id/set", "rule_set", TOPIC_CONTENT_EITHER,
                        TOPIC_RETAIN_NEVER, TOPIC_EXPIRY_COMMAND, 1},
    [TOPIC_RULE_TRACE] = {"rule_trace", "%site/%node/rules/%id/trace", "rule_trace",
                          TOPIC_CONTENT_JSON, TOPIC_RETAIN_NO, TOPIC_EXPIRY_NONE, 1},
    [TOPIC_SCHEDULE_STATE] = {"schedule_state", "%site/%node/schedules/%id/state", "schedule_state",
                              TOPIC_CONTENT_JSON, TOPIC_RETAIN_YES, TOPIC_EXPIRY_NONE, 1},
    [TOPIC_SCHEDULE_SET] = {"schedule_set", "%site/%node/schedules/%id/set", "schedule_set",
                            TOPIC_CONTENT_EITHER, TOPIC_RETAIN_NEVER, TOPIC_EXPIRY_COMMAND, 1},
    [TOPIC_CONTROLLER_STATE] = {"controller_state", "%site/%node/controllers/%id/state",
                                "controller_state", TOPIC_CONTENT_JSON, TOPIC_RETAIN_YES,
                                TOPIC_EXPIRY_NONE, 1},
    [TOPIC_CONTROLLER_SET] = {"controller_set", "%site/%node/controllers/%id/set", "controller_set",
                              TOPIC_CONTENT_EITHER, TOPIC_RETAIN_NEVER, TOPIC_EXPIRY_COMMAND, 1},
    [TOPIC_REQUEST] = {"request", "%site/%node/request/%verb", "request", TOPIC_CONTENT_JSON,
                       TOPIC_RETAIN_NEVER, TOPIC_EXPIRY_COMMAND, 1},
    [TOPIC_RESPONSE] = {"response", "%site/%node/response/%verb", "response", TOPIC_CONTENT_JSON,
                        TOPIC_RETAIN_NO, TOPIC_EXPIRY_COMMAND, 1},
    /* Where an asker's Response Topic should be: a broker can keep each user to their own. */
    [TOPIC_ANSWER] = {"answer", "%site/answers/%user/%client", "response", TOPIC_CONTENT_JSON,
                      TOPIC_RETAIN_NO, TOPIC_EXPIRY_COMMAND, 1},
    /* Never retained: a retained acknowledgement would outlive the store it speaks for, and free
     * log entries that a store restored from a backup no longer has. */
    [TOPIC_ACK] = {"ack", "%site/%node/ack/%sink", "ack", TOPIC_CONTENT_TEXT, TOPIC_RETAIN_NEVER,
                   TOPIC_EXPIRY_NONE, 1},
    [TOPIC_CLAIM] = {"claim", "%site/%node/claim", "claim", TOPIC_CONTENT_JSON, TOPIC_RETAIN_YES,
                     TOPIC_EXPIRY_NONE, 1},
    [TOPIC_FENCES] = {"fences", "%site/%node/fences", "fences", TOPIC_CONTENT_JSON,
                      TOPIC_RETAIN_YES, TOPIC_EXPIRY_NONE, 1},
    [TOPIC_MEMORY] = {"memory", "%site/%node/memory/%kind/%id", "memory", TOPIC_CONTENT_JSON,
                      TOPIC_RETAIN_YES, TOPIC_EXPIRY_NONE, 1},
};
_Static_assert(sizeof(kinds) / sizeof(kinds[0]) == TOPIC_KIND_COUNT, "a row for every kind");

#define PART(placeholder, word, member)                                                          \
    {                                                                                            \
        placeholder, word, offsetof(struct topic, member), offsetof(struct topic_parsed, member) \
    }

static const struct topic_part parts[] = {
    PART("%site", NULL, site),      PART("%node", "devices answers", node),
    PART("%bus", NULL, bus),        PART("%message", "state", message),
    PART("%signal", "set", signal), PART("%alarm", "event", id),
    PART("%id", NULL, id),          PART("%verb", NULL, verb),
    PART("%sink", NULL, id),        PART("%user", NULL, id),
    PART("%client", NULL, client),  PART("%kind", NULL, verb),
};
_Static_assert(sizeof(parts) / sizeof(parts[0]) == TOPIC_PART_COUNT, "TOPIC_PART_COUNT is wrong");

const struct topic_traits *topic_traits(enum topic_kind kind)
{
    return &kinds[kind];
}

bool topic_kind_from_name(const char *name, enum topic_kind *ret)
{
    for (size_t i = 0; i < TOPIC_KIND_COUNT; i++) {
        if (strcmp(kinds[i].name, name) == 0) {
            *ret = (enum topic_kind)i;
            return true;
        }
    }
    return false;
}

bool topic_never_retained(enum topic_kind kind)
{
    return kinds[kind].retain == TOPIC_RETAIN_NEVER;
}

bool topic_is_wish(enum topic_kind kind)
{
    static const char end[] = "/set";
    size_t length = strlen(kinds[kind].pattern);
    return length >= sizeof(end) - 1 &&
           strcmp(kinds[kind].pattern + length - (sizeof(end) - 1), end) == 0;
}

const struct topic_part *topic_part(size_t index)
{
    return &parts[index];
}

bool topic_part_reserves(const struct topic_part *part, const char *text, size_t length)
{
    const char *word = part->reserved;
    while (word != NULL) {
        size_t word_length = strcspn(word, " ");
        if (word_length == length && memcmp(word, text, length) == 0) {
            return true;
        }
        word = word[word_length] == ' ' ? word + word_length + 1 : NULL;
    }
    return false;
}

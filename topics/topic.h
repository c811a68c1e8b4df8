/*
 * Topics to text and back. This header brings the whole tree: the table of kinds (topic_table.h),
 * ids (topic_id.h) and the matching of subscriptions (topic_filter.h).
 *
 * `prefix` is what all topics start with ("edge"); see topic_prefix_is_valid().
 */
#ifndef EDGE_TOPICS_TOPIC_H
#define EDGE_TOPICS_TOPIC_H

#include "topics/attributes.h"
#include "topics/limits.h"
#include "topics/topic_filter.h"
#include "topics/topic_id.h"
#include "topics/topic_table.h"

#include <stdbool.h>
#include <stddef.h>

/* A topic to be made. Which parts a kind needs is in its pattern; the others are ignored. Borrowed
 * strings. */
struct topic {
    enum topic_kind kind;
    const char *site;
    const char *node;
    const char *bus;
    const char *message;
    const char *signal;
    const char *id;     /* of the alarm, device, rule, controller, acknowledging sink or user */
    const char *verb;   /* of a request or response; the kind of a thing that is remembered */
    const char *client; /* of those that a user's answers go to */
};

/* A topic that was read: its parts in copies of their own, "" where the kind has none. */
struct topic_parsed {
    enum topic_kind kind;
    char site[TOPIC_ID_MAX_BYTES + 1];
    char node[TOPIC_ID_MAX_BYTES + 1];
    char bus[TOPIC_ID_MAX_BYTES + 1];
    char message[TOPIC_ID_MAX_BYTES + 1];
    char signal[TOPIC_ID_MAX_BYTES + 1];
    char id[TOPIC_ID_MAX_BYTES + 1];
    char verb[TOPIC_ID_MAX_BYTES + 1];
    char client[TOPIC_ID_MAX_BYTES + 1];
};

/* -EINVAL: prefix or a needed part is missing, not an id, or reserved there; -ENAMETOOLONG: it does
 * not fit in `size` (TOPIC_MAX_BYTES + 1 is always enough) or passes TOPIC_MAX_BYTES. `text` is
 * untouched on failure. */
TOPICS_MUST_CHECK int topic_format(const char *prefix, const struct topic *topic, char *text,
                                   size_t size);

/* The same for a subscription: a needed part that is NULL becomes '+'. A filter can be wider than
 * its kind (can/<bus>/+ also delivers can/<bus>/state): topic_parse() tells what came. */
TOPICS_MUST_CHECK int topic_filter_format(const char *prefix, const struct topic *topic, char *text,
                                          size_t size);

/* -ENOENT: not a topic of our tree. */
TOPICS_MUST_CHECK int topic_parse(const char *prefix, const char *text, struct topic_parsed *ret);

/* `wanted`, or NULL where it is NULL, no legal topic, one below the prefix that is not for answers
 * (a later version may have it for something), or one that describes a device to Home Assistant:
 * nobody may make a node publish there by naming it as Response Topic. */
const char *topic_for_answer(const char *prefix, const char *wanted);

/* Whether this topic is what strangers ask of a node: a wish, or a question (a request). The output
 * is untouched where it is neither. */
bool topic_is_asked(const char *prefix, const char *text, bool *ret_question);

/* The parsed topic as one to be made again, with another kind perhaps (request to response).
 * Borrows from `parsed`; a part that is not there is NULL. */
struct topic topic_view(const struct topic_parsed *parsed);

#endif

/*
 * The questions about the past that a gateway answers, `request/<verb>`:
 *
 *   history     {"signal":"can0/Climate/Temperature","last_s":3600,"max_points":1000}
 *   statistics  {"signals":["can0/Climate/Temperature","can0/Tank/Level"],"from":1795420800,
 *                "to":1795507200,"bucket_s":3600,"transaction":"7"}
 *   messages    {"bus":"can0","message":"Climate","from":1795420800,"limit":100,"after_seq":1234}
 *   catalog     {}
 *   record      {}: records what is happening now, see payload_recording.h
 *   alarms      {}
 *   reload      {}: reads the configuration anew; what changed, see payload_reload.h
 *   support     {}: what whoever maintains it needs, see payload_support.h
 *   alarm_history  {"alarm":"tank_high","last_s":86400,"limit":100,"after_seq":1234}
 *
 * Closed: an unknown or repeated key is refused, because a misspelt one would answer another
 * question. payload_answer.h writes the answers.
 */
#ifndef EDGE_TOPICS_PAYLOAD_QUERY_H
#define EDGE_TOPICS_PAYLOAD_QUERY_H

#include "topics/attributes.h"
#include "topics/limits.h"
#include "topics/payload_value.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum payload_verb {
    PAYLOAD_VERB_HISTORY,
    PAYLOAD_VERB_STATISTICS,
    PAYLOAD_VERB_MESSAGES,
    PAYLOAD_VERB_CATALOG,
    PAYLOAD_VERB_RECORD,
    PAYLOAD_VERB_ALARMS,
    PAYLOAD_VERB_ALARM_HISTORY,
    PAYLOAD_VERB_RELOAD,
    PAYLOAD_VERB_SUPPORT
};

enum {
    PAYLOAD_VERB_COUNT = PAYLOAD_VERB_SUPPORT + 1
};

/* "history", "statistics", "messages", "catalog", "record", "alarms", "alarm_history",
 * "reload", "support"; static. */
const char *payload_verb_text(enum payload_verb verb);

/* False: none of the words. */
TOPICS_MUST_CHECK bool payload_verb_from_text(const char *text, enum payload_verb *ret);

/* A signal by its ids as in topics: "can0/Climate/Temperature". */
struct payload_path {
    char bus[TOPIC_ID_MAX_BYTES + 1];
    char message[TOPIC_ID_MAX_BYTES + 1];
    char signal[TOPIC_ID_MAX_BYTES + 1];
};

/* Complete: what was left out has its default. Owns all its text, so that a copy can go to another
 * thread; 13 KB. */
struct payload_query {
    enum payload_verb verb;
    char transaction[PAYLOAD_TRANSACTION_MAX_BYTES + 1]; /* "": none */

    /* history, statistics, messages, alarm_history: from_us < to_us, at most PAYLOAD_SPAN_MAX_S
     * apart. */
    int64_t from_us;
    int64_t to_us; /* excluded */

    /* history, statistics: 1 to PAYLOAD_QUERY_SIGNALS_MAX different signals, in the asker's order.
     */
    size_t signal_count;
    struct payload_path signals[PAYLOAD_QUERY_SIGNALS_MAX];

    uint64_t max_points; /* history: of each signal; PAYLOAD_POINTS_MIN to _MAX */
    int64_t bucket_us;   /* statistics: width of a bucket; the whole span if none was asked for */

    /* messages, alarm_history; "" = any. */
    char bus[TOPIC_ID_MAX_BYTES + 1];
    char message[TOPIC_ID_MAX_BYTES + 1];
    char alarm[TOPIC_ID_MAX_BYTES + 1];
    uint64_t limit;     /* 1 to PAYLOAD_MESSAGES_MAX */
    uint64_t after_seq; /* only later ones; 0 = all */
};

/* `now_us` is the end where none is given. 0, or -EINVAL, -EMSGSIZE (PAYLOAD_REQUEST_MAX_BYTES) or
 * -ENOMEM with the reason. */
TOPICS_MUST_CHECK int payload_query_decode(enum payload_verb verb, const char *text, size_t length,
                                           int64_t now_us, struct payload_query *ret,
                                           struct payload_error *reterr);

/* The transaction of any request, for the answer that refuses it: "" if it has none or cannot be
 * read. */
void payload_request_transaction(const char *text, size_t length,
                                 char ret_transaction[PAYLOAD_TRANSACTION_MAX_BYTES + 1]);

#endif

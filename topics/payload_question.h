/*
 * The questions that an automation node answers, `request/<verb>`:
 *
 *   explain   {"device":"vent"}                       why is it what it is, and until when
 *   devices   {}                                      every device with its state
 *   rules     {"rule":"air_when_hot"}                 one, or all: what it does, or why it does not
 *   history   {"device":"vent","last_s":86400,"limit":100}    who decided what, newest first
 *   dry_run   {"rule":"air_when_hot"}                 what it would do now; nothing is done
 *   reload    {}                                      reads the configuration anew; what changed
 *   handover  {"to":"auto2"}                          another node of the group leads; `to` may be
 *                                                     left out
 *
 * Closed as those of a gateway (payload_query.h). payload_account.h writes the answers, those to
 * `explain` and `reload` have payload_explain.h and payload_reload.h.
 */
#ifndef EDGE_TOPICS_PAYLOAD_QUESTION_H
#define EDGE_TOPICS_PAYLOAD_QUESTION_H

#include "topics/attributes.h"
#include "topics/limits.h"
#include "topics/payload_value.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum payload_question_verb {
    PAYLOAD_QUESTION_EXPLAIN,
    PAYLOAD_QUESTION_DEVICES,
    PAYLOAD_QUESTION_RULES,
    PAYLOAD_QUESTION_HISTORY,
    PAYLOAD_QUESTION_DRY_RUN,
    PAYLOAD_QUESTION_RELOAD,
    PAYLOAD_QUESTION_HANDOVER,
    PAYLOAD_QUESTION_SUPPORT
};

enum {
    PAYLOAD_QUESTION_COUNT = PAYLOAD_QUESTION_SUPPORT + 1
};

/* "explain", "devices", "rules", "history", "dry_run", "reload", "handover", "support"; static. */
const char *payload_question_text(enum payload_question_verb verb);

/* False: none of the words. */
TOPICS_MUST_CHECK bool payload_question_from_text(const char *text,
                                                  enum payload_question_verb *ret);

/* Complete: what was left out has its default. Owns all its text. */
struct payload_question {
    enum payload_question_verb verb;
    char transaction[PAYLOAD_TRANSACTION_MAX_BYTES + 1]; /* "": none */
    char device[TOPIC_ID_MAX_BYTES + 1];                 /* explain, history; "" = any */
    char rule[TOPIC_ID_MAX_BYTES + 1];                   /* rules, dry_run; "" = any */
    char to[TOPIC_ID_MAX_BYTES + 1];                     /* handover; "" = any */
    int64_t from_us;                                     /* history: from_us < to_us */
    int64_t to_us;                                       /* excluded */
    uint64_t limit;                                      /* history: 1 to PAYLOAD_DECISIONS_MAX */
};

/* `now_us` is the end where none is given. 0, or -EINVAL, -EMSGSIZE (PAYLOAD_REQUEST_MAX_BYTES) or
 * -ENOMEM with the reason. */
TOPICS_MUST_CHECK int payload_question_decode(enum payload_question_verb verb, const char *text,
                                              size_t length, int64_t now_us,
                                              struct payload_question *ret,
                                              struct payload_error *reterr);

#endif

/*
 * What an operator does with an alarm, `alarms/<id>/set`: a word (`ack`), or JSON:
 *
 *   {"shelve_s":3600,"by":"Anna"}
 *   {"action":"unshelve","transaction":"t-1"}
 *
 * Closed: an unknown or repeated key is refused.
 */
#ifndef EDGE_TOPICS_PAYLOAD_ALARM_SET_H
#define EDGE_TOPICS_PAYLOAD_ALARM_SET_H

#include "topics/attributes.h"
#include "topics/limits.h"
#include "topics/payload_alarm.h"
#include "topics/payload_value.h"

#include <stddef.h>
#include <stdint.h>

struct payload_alarm_set {
    enum payload_alarm_event_word action; /* neither raise nor clear */
    uint64_t shelve_s;                    /* of PAYLOAD_ALARM_SHELVE: 1 to PAYLOAD_FOR_MAX_S */
    char by[PAYLOAD_BY_MAX_BYTES + 1];    /* "": not said */
    char transaction[PAYLOAD_TRANSACTION_MAX_BYTES + 1]; /* "": none */
};

/* 0; -EINVAL, -EMSGSIZE (PAYLOAD_WISH_MAX_BYTES) or -ENOMEM with the reason. */
TOPICS_MUST_CHECK int payload_alarm_set_decode(const char *text, size_t length,
                                               struct payload_alarm_set *ret,
                                               struct payload_error *reterr);

#endif

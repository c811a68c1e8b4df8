/* The answers to `alarms`, how every one is, and `alarm_history`, their transitions as they were
 * logged. */
#include "edge-gateway/app/alarms.h"
#include "edge-gateway/app/request_answer_parts.h"
#include "topics/payload_alarm.h"
#include "topics/payload_event.h"

#include <errno.h>
#include <stdio.h>

int request_fill_alarms(struct request_answer *answer, bool begins, enum responder_step *ret_step)
{
    const struct alarms *alarms = answer->room->alarms;
    (void)begins;
    if (alarms == NULL) {
        (void)snprintf(answer->error, sizeof(answer->error),
                       "the configuration was read anew meanwhile; ask again");
        return -ESTALE;
    }
    *ret_step = RESPONDER_LAST_CHUNK;
    payload_alarms_begin(&answer->w);
    const char *id;
    struct payload_alarm alarm;
    for (; alarms_describe(alarms, answer->alarm, &id, &alarm); answer->alarm++) {
        const struct json_writer before = answer->w;
        payload_alarms_item(&answer->w, id, &alarm);
        if (!json_writer_has_room(&answer->w, PAYLOAD_ANSWER_END_BYTES)) {
            answer->w = before;
            *ret_step = RESPONDER_CHUNK;
            break;
        }
    }
    payload_alarms_end(&answer->w);
    return 0;
}

static enum store_taken on_event(void *context, uint64_t seq, int64_t ts_us, const char *text,
                                 size_t length)
{
    struct request_answer *answer = context;
    const char *alarm = answer->query.alarm[0] != '\0' ? answer->query.alarm : NULL;
    if (!payload_alarm_event_is_of(text, length, alarm)) {
        return STORE_TAKEN;
    }
    const struct json_writer before = answer->w;
    payload_event_restore(&answer->w, ts_us, seq, text, length);
    if (!json_writer_has_room(&answer->w, PAYLOAD_ANSWER_END_BYTES)) {
        answer->w = before;
        answer->is_full = true;
        return STORE_NOT_TAKEN;
    }
    answer->left--;
    return answer->left > 0 ? STORE_TAKEN : STORE_TAKEN_LAST;
}

int request_fill_alarm_history(struct request_answer *answer, bool begins,
                               enum responder_step *ret_step)
{
    const struct store_events events = {
        .from_us = answer->query.from_us,
        .to_us = answer->query.to_us,
        .after_seq = answer->query.after_seq,
    };
    if (begins) {
        payload_alarm_history_begin(&answer->w);
        answer->damaged = 0;
    }
    answer->is_full = false;
    int r =
        store_query_events(answer->room->log, &events, on_event, answer, &answer->query.after_seq);
    if (r < 0) {
        return request_fault(answer, r);
    }
    answer->damaged += store_query_damaged(answer->room->log);
    if (r == 0 && answer->left > 0 && !answer->is_full) {
        *ret_step = RESPONDER_NOTHING_YET;
        return 0;
    }
    payload_alarm_history_end(&answer->w, answer->damaged);
    *ret_step = answer->is_full ? RESPONDER_CHUNK : RESPONDER_LAST_CHUNK;
    return 0;
}

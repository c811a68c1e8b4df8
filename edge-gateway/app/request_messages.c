/* The answer to `messages`: readings as they were logged. */
#include "edge-gateway/app/request_answer_parts.h"
#include "edge-gateway/publish/reading_encoder.h"

#include <string.h>

static enum store_taken on_reading(void *context, const struct store_reading *found)
{
    struct request_answer *answer = context;
    const struct json_writer before = answer->w;
    const struct payload_origin origin = {
        .bus = answer->room->plan->config->buses[found->bus].name,
        .message = found->message->name,
    };
    const struct reading reading = {
        .origin = &origin,
        .ts_us = found->ts_us,
        .seq = found->seq,
        .values = found->values,
        .count = found->count,
    };
    reading_write(&answer->w, &reading);
    if (!json_writer_has_room(&answer->w, PAYLOAD_ANSWER_END_BYTES)) {
        answer->w = before;
        answer->is_full = true;
        return STORE_NOT_TAKEN;
    }
    answer->left--;
    return answer->left > 0 ? STORE_TAKEN : STORE_TAKEN_LAST;
}

/* The index of the bus that is asked for; -1: any. */
static int find_bus(const struct request_answer *answer)
{
    const struct gateway_config *config = answer->room->plan->config;
    for (size_t i = 0; i < config->bus_count; i++) {
        if (strcmp(config->buses[i].name, answer->query.bus) == 0) {
            return (int)i;
        }
    }
    return -1;
}

int request_fill_messages(struct request_answer *answer, bool begins, enum responder_step *ret_step)
{
    const struct store_messages messages = {
        .bus = find_bus(answer),
        .message = answer->query.message[0] != '\0' ? answer->query.message : NULL,
        .from_us = answer->query.from_us,
        .to_us = answer->query.to_us,
        .after_seq = answer->query.after_seq,
    };
    if (begins) {
        payload_messages_begin(&answer->w);
        answer->damaged = 0;
    }
    answer->is_full = false;
    int r = store_query_messages(answer->room->log, &messages, on_reading, answer,
                                 &answer->query.after_seq);
    if (r < 0) {
        return request_fault(answer, r);
    }
    answer->damaged += store_query_damaged(answer->room->log);
    if (r == 0 && answer->left > 0 && !answer->is_full) {
        *ret_step = RESPONDER_NOTHING_YET;
        return 0;
    }
    payload_messages_end(&answer->w, answer->damaged);
    *ret_step = answer->is_full ? RESPONDER_CHUNK : RESPONDER_LAST_CHUNK;
    return 0;
}

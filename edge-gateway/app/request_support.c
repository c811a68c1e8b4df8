/* The answer to `support`: the report that was made when it was asked for. */
#include "edge-gateway/app/request_support.h"

#include "topics/payload_support.h"

int request_fill_support(struct request_answer *answer, bool begins, enum responder_step *ret_step)
{
    struct json_writer *w = &answer->w;
    struct payload_support open = {0};
    struct support_item item;
    (void)begins;
    *ret_step = RESPONDER_LAST_CHUNK;
    for (; support_item(answer->support, answer->at, &item); answer->at++) {
        const struct json_writer before = *w;
        const struct payload_support open_before = open;
        const struct payload_support_item payload = {item.group, item.name, item.text,
                                                     item.is_number};
        payload_support_item(w, &open, &payload);
        if (!json_writer_has_room(w, PAYLOAD_ANSWER_END_BYTES)) {
            *w = before;
            open = open_before;
            *ret_step = RESPONDER_CHUNK;
            break;
        }
    }
    payload_support_end(w, &open);
    return 0;
}

void request_take_support(struct request_answer *answer, struct support *take)
{
    answer->support = take;
}

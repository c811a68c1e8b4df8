/* The answer to `reload`: what became of each thing that the configuration names. */
#include "edge-gateway/app/request_answer_parts.h"

#include <errno.h>

int request_fill_reload(struct request_answer *answer, bool begins, enum responder_step *ret_step)
{
    const struct reload_changes *changes = &answer->reload.changes;
    struct json_writer *w = &answer->w;
    (void)begins;
    if (answer->reload.error != NULL) {
        return -ECANCELED;
    }
    *ret_step = RESPONDER_LAST_CHUNK;
    payload_reload_begin(w, changes->kept);
    for (; answer->at < changes->count; answer->at++) {
        const struct reload_change *change = &changes->items[answer->at];
        const struct json_writer before = *w;
        payload_reload_change(w, change->kind, change->id, change->change);
        if (!json_writer_has_room(w, PAYLOAD_ANSWER_END_BYTES)) {
            *w = before;
            *ret_step = RESPONDER_CHUNK;
            break;
        }
    }
    payload_reload_end(w);
    return 0;
}

void request_take_reload(struct request_answer *answer, struct reload_outcome *take)
{
    answer->reload = *take;
    *take = (struct reload_outcome){0};
}

/* The answer to `catalog`: some of the messages in each chunk. */
#include "edge-gateway/app/catalog.h"
#include "edge-gateway/app/request_answer_parts.h"
#include "topics/payload_catalog.h"

#include <errno.h>
#include <stdio.h>

static void write_messages(struct request_answer *answer, const struct bus_plan *bus)
{
    for (; answer->message < bus->message_count; answer->message++) {
        const struct json_writer before = answer->w;
        catalog_write(&answer->w, bus, answer->message);
        if (!json_writer_has_room(&answer->w, PAYLOAD_ANSWER_END_BYTES)) {
            answer->w = before;
            return;
        }
    }
}

/* One bus, from answer->message on. 1: all of it; 0: the chunk is full; -EMSGSIZE: a message is too
 * large for any chunk. */
static int write_bus(struct request_answer *answer, bool begins)
{
    const struct bus_plan *bus = &answer->room->plan->buses[answer->bus];
    const struct json_writer before = answer->w;
    size_t first = answer->message;
    payload_catalog_bus_begin(&answer->w, bus->config->name);
    write_messages(answer, bus);
    bool is_whole = answer->message == bus->message_count;
    bool has_some = answer->message > first || is_whole;
    if (has_some && json_writer_has_room(&answer->w, PAYLOAD_ANSWER_END_BYTES)) {
        payload_catalog_bus_end(&answer->w);
        return is_whole;
    }
    answer->w = before;
    if (begins) {
        (void)snprintf(answer->error, sizeof(answer->error),
                       "message '%s' of bus '%s' is too large", bus->messages[first].message->name,
                       bus->config->name);
        return -EMSGSIZE;
    }
    return 0;
}

int request_fill_catalog(struct request_answer *answer, bool begins, enum responder_step *ret_step)
{
    int r = 1;
    payload_catalog_data_begin(&answer->w, answer->now_us);
    while (r == 1 && answer->bus < answer->room->plan->config->bus_count) {
        r = write_bus(answer, begins);
        begins = false;
        if (r == 1) {
            answer->bus++;
            answer->message = 0;
        }
    }
    if (r < 0) {
        return r;
    }
    payload_catalog_data_end(&answer->w);
    *ret_step = r == 1 ? RESPONDER_LAST_CHUNK : RESPONDER_CHUNK;
    return 0;
}

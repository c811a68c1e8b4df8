/*
 * The `data` of the answer to `reload` (payload_question.h): what became of each thing that the
 * configuration names. Members between payload_response_data_begin() and _end(), filled as
 * payload_answer.h says.
 *
 *   "kept":7,"changes":[{"kind":"event","id":"hot","change":"changed"}]
 */
#ifndef EDGE_TOPICS_PAYLOAD_RELOAD_H
#define EDGE_TOPICS_PAYLOAD_RELOAD_H

#include "topics/json_writer.h"

#include <stdint.h>

enum payload_reload_change {
    PAYLOAD_RELOAD_CHANGED, /* is configured otherwise, and begins anew */
    PAYLOAD_RELOAD_REMOVED,
    PAYLOAD_RELOAD_NEW
};

/* In steps: begin, each change, end. `kept`: things that go on as they were. */
void payload_reload_begin(struct json_writer *w, uint64_t kept);
void payload_reload_change(struct json_writer *w, const char *kind, const char *id,
                           enum payload_reload_change change);
void payload_reload_end(struct json_writer *w);

#endif

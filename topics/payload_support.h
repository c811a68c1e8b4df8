/*
 * The `data` of the answer to `support`: facts in groups, and lists of lines. Members between
 * payload_response_data_begin() and _end(), filled as payload_answer.h says; a group that goes on
 * in the next chunk begins there again.
 *
 *   "node":{"program":"edge-gateway","site":"demo"},"metrics":{"frames.received":1000},
 *   "configuration":["site: demo","node: gw1"],"log":["..."]
 */
#ifndef EDGE_TOPICS_PAYLOAD_SUPPORT_H
#define EDGE_TOPICS_PAYLOAD_SUPPORT_H

#include "topics/json_writer.h"

#include <stdbool.h>

/* {0} at the beginning of a chunk. */
struct payload_support {
    const char *group; /* that is open; NULL: none */
    bool is_list;
};

struct payload_support_item {
    const char *group;
    const char *name; /* NULL: a line of a list */
    const char *text;
    bool is_number;
};

/* The item's texts are borrowed until the end. */
void payload_support_item(struct json_writer *w, struct payload_support *open,
                          const struct payload_support_item *item);
void payload_support_end(struct json_writer *w, struct payload_support *open);

#endif

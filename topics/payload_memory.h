/*
 * What a leader remembers, for whoever leads after it: `<node>/memory/<kind>/<id>`, retained
 * (docs/standby.md). One record of one thing, as in the node's own store:
 *
 *   {"definition":"5f3c9a0011223344","epoch":7,"data":"{\"target\":\"ON\"}"}
 */
#ifndef EDGE_TOPICS_PAYLOAD_MEMORY_H
#define EDGE_TOPICS_PAYLOAD_MEMORY_H

#include "topics/attributes.h"
#include "topics/json_writer.h"
#include "topics/payload_value.h"

#include <stddef.h>
#include <stdint.h>

struct payload_memory {
    uint64_t definition; /* a hash of how the thing is configured */
    uint64_t epoch;      /* in which it was so */
    const char *data;    /* the node's own business */
    void *document;      /* after decoding: owns the text; private */
};

void payload_memory_write(struct json_writer *w, const struct payload_memory *memory);

/* 0 and a record for payload_memory_deinit(); -EINVAL, -EMSGSIZE (PAYLOAD_MEMORY_MAX_BYTES) or
 * -ENOMEM with the reason. */
TOPICS_MUST_CHECK int payload_memory_decode(const char *text, size_t length,
                                            struct payload_memory *ret,
                                            struct payload_error *reterr);
void payload_memory_deinit(struct payload_memory *memory);

#endif

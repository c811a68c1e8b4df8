/* The master of a command or a fence as JSON, for the payloads that have one. */
#ifndef EDGE_TOPICS_PAYLOAD_MASTER_H
#define EDGE_TOPICS_PAYLOAD_MASTER_H

#include "topics/payload_json.h"
#include "topics/payload_node_claim.h"

/* {"group":"heating","node":"auto1","epoch":7}; a member, or, with NULL for the key, an element. */
void payload_master_write(struct json_writer *w, const char *key,
                          const struct payload_master *master);

/* All three must be there, and nothing else. 0 or -EINVAL with the reason. Borrows its texts. */
TOPICS_MUST_CHECK int payload_master_read(const cJSON *object, struct payload_master *ret,
                                          struct payload_error *reterr);

#endif

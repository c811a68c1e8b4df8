/*
 * What an automation node claims to drive, `<node>/claim`, retained (docs/standby.md):
 *
 *   {"role":"alone","beat":1,"devices":["heater","vent"]}
 *   {"role":"leader","group":"heating","rank":1,"epoch":7,"beat":12,"devices":["heater"]}
 *   {"role":"released","group":"heating","rank":1,"epoch":7,"beat":13,"to":"auto2","devices":[...]}
 *
 * And the commands of the group's leader carry the same group and epoch ("master" in
 * payload_set.h), which gateways remember: `<gateway>/fences`, retained:
 *
 *   {"groups":[{"group":"heating","node":"auto1","epoch":7}]}
 */
#ifndef EDGE_TOPICS_PAYLOAD_NODE_CLAIM_H
#define EDGE_TOPICS_PAYLOAD_NODE_CLAIM_H

#include "topics/attributes.h"
#include "topics/json_writer.h"
#include "topics/payload_value.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum payload_role {
    PAYLOAD_ROLE_ALONE,     /* in no group */
    PAYLOAD_ROLE_STANDBY,   /* of a group; drives nothing */
    PAYLOAD_ROLE_CANDIDATE, /* wants to lead, and does not drive yet */
    PAYLOAD_ROLE_LEADER,    /* drives, while its beats come back to it */
    PAYLOAD_ROLE_RELEASED   /* led, and has given that up */
};

enum {
    PAYLOAD_ROLE_COUNT = PAYLOAD_ROLE_RELEASED + 1
};

/* "alone", "standby", "candidate", "leader", "released"; static. */
const char *payload_role_text(enum payload_role role);

struct payload_node_claim {
    enum payload_role role;
    const char *group; /* NULL: alone */
    uint64_t rank;     /* 1 first; 0: alone */
    uint64_t epoch;    /* in which it leads, or the highest that it knows of; 0: none */
    uint64_t beat;     /* goes up with each claim of one run */
    const char *to;    /* released: who is to lead now; NULL: anybody */
    const char *const *devices;
    size_t device_count;
    void *document; /* after decoding: owns every text here, with `names`; private */
    const char **names;
};

void payload_node_claim_write(struct json_writer *w, const struct payload_node_claim *claim);

/* 0 and a claim for payload_node_claim_deinit(); -EINVAL, -EMSGSIZE (PAYLOAD_CLAIM_MAX_BYTES) or
 * -ENOMEM with the reason. Keys that are not known are passed over: the publisher may be newer. */
TOPICS_MUST_CHECK int payload_node_claim_decode(const char *text, size_t length,
                                                struct payload_node_claim *ret,
                                                struct payload_error *reterr);
void payload_node_claim_deinit(struct payload_node_claim *claim);

/* Who may command: a node, as the leader of a group in an epoch. Borrowed texts. */
struct payload_master {
    const char *group;
    const char *node;
    uint64_t epoch; /* 1 to PAYLOAD_INTEGER_MAX */
};

/* In steps: begin, each group, end. */
void payload_fences_begin(struct json_writer *w);
void payload_fences_group(struct json_writer *w, const struct payload_master *master);
void payload_fences_end(struct json_writer *w);

/* Calls back for each group; the texts are valid that long. 0, or -EINVAL, -EMSGSIZE
 * (PAYLOAD_STATE_MAX_BYTES) or -ENOMEM with the reason, after some of them perhaps. */
TOPICS_MUST_CHECK int payload_fences_decode(const char *text, size_t length,
                                            void (*group)(void *context,
                                                          const struct payload_master *master),
                                            void *context, struct payload_error *reterr);

#endif

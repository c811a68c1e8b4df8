/*
 * Which master may command: of each group of automation nodes the highest epoch that was ever
 * accepted, and the node that has it (docs/standby.md). A command of an older epoch comes from a
 * node that has been replaced and does not know it yet; one of the same epoch from another node is
 * an impostor's. Both are refused, for ever: an epoch never goes back.
 *
 * Pure.
 */
#ifndef EDGE_GATEWAY_COMMAND_FENCE_H
#define EDGE_GATEWAY_COMMAND_FENCE_H

#include "common/attributes.h"
#include "edge-gateway/command/command.h"
#include "topics/limits.h"
#include "topics/payload_node_claim.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FENCES_MAX 8 /* groups that command one gateway */
#define FENCE_NONE SIZE_MAX
#define FENCE_TEXT_BYTES                                                    \
    (PAYLOAD_GROUP_MAX_BYTES + TOPIC_ID_MAX_BYTES + 20 + 3) /* with its NUL \
                                                             */

struct fence {
    char group[PAYLOAD_GROUP_MAX_BYTES + 1];
    char node[TOPIC_ID_MAX_BYTES + 1];
    uint64_t epoch;
};

/* All zero: nobody has commanded yet. */
struct fence_table {
    struct fence items[FENCES_MAX];
    size_t count;
};

struct fence_pass {
    size_t fence; /* FENCE_NONE: a command of no group */
    bool raised;  /* the first command of its epoch: what older ones have left is to be dropped */
};

/* `wanted`: the group whose leader alone may set this message; NULL: anybody may. `master`: of the
 * command; NULL: it has none. COMMAND_ACCEPTED, and the epoch is noted; COMMAND_STALE_EPOCH or
 * COMMAND_NOT_MASTER: nothing has changed, and *reterr says why. */
EDGE_MUST_CHECK enum command_result fence_admit(struct fence_table *table, const char *wanted,
                                                const struct payload_master *master,
                                                struct fence_pass *ret,
                                                struct command_error *reterr);

/* As a text to be found again after a restart; `text` has FENCE_TEXT_BYTES. */
void fence_save(const struct fence *fence, char *text);

/* Adds it to the table. -EINVAL: it says nothing that could be used; -ENOSPC. */
EDGE_MUST_CHECK int fence_load(struct fence_table *table, const char *text);

#endif

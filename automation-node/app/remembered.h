/*
 * What an engine is to go on with: read from the store at the start, or taken from the engine that
 * ran until now. And what became of it, for the log.
 */
#ifndef EDGE_AUTOMATION_NODE_APP_REMEMBERED_H
#define EDGE_AUTOMATION_NODE_APP_REMEMBERED_H

#include "automation-node/app/node_config.h"
#include "automation-node/engine/engine_snapshot.h"
#include "automation-node/store/record_batch.h"
#include "common/attributes.h"

#include <stdbool.h>
#include <stdint.h>

/* The record that says when the node was known to run last. */
#define REMEMBERED_NODE "node"

struct remembered_node {
    int64_t alive_us; /* wall clock, as far as it was known */
    bool clock;       /* it was known */
    bool complete;    /* an orderly stop: nothing happened afterwards */
};

struct remembered;

/* What is in the store; nothing, with a line in the log, if that cannot be read. `wall_us`:
 * EXPRESSION_NO_CLOCK if it is not to be trusted. 0 or -ENOMEM. */
EDGE_MUST_CHECK int remembered_load(const struct node_config *config, int64_t wall_us,
                                    struct remembered **ret);

/* Everything that the engine knows, for one that goes on without a stop. 0 or -ENOMEM. */
EDGE_MUST_CHECK int remembered_take(struct engine *engine, int64_t now_us, struct remembered **ret);

/* What another node knew of everything but the inputs, which are this engine's: this node goes on
 * where that one stopped. `records` are borrowed during the call; what none of them is about is
 * taken from `engine`. `alive_ago_us`: how long ago the other was known to run last; `complete`:
 * nothing happened after it wrote them. 0 or -ENOMEM. */
struct remembered_estate {
    const struct engine_record *records;
    size_t count;
    int64_t alive_ago_us;
    bool complete;
};
EDGE_MUST_CHECK int remembered_inherit(struct engine *engine,
                                       const struct remembered_estate *estate, int64_t now_us,
                                       struct remembered **ret);
void remembered_free(struct remembered *remembered);

/* For engine_options; NULL if there is nothing. Borrowed. */
const struct engine_memory *remembered_memory(const struct remembered *remembered);

enum remembered_fate {
    REMEMBERED_CHANGED, /* is configured otherwise now */
    REMEMBERED_REMOVED,
    REMEMBERED_NEW
};

/* Borrowed from the engine and what is remembered. */
struct remembered_change {
    const char *kind;
    const char *id;
    enum remembered_fate fate;
};

struct remembered_changes {
    struct remembered_change *changes;
    size_t count;
    size_t kept; /* things that are as they were */
};

/* What `engine` made of it. 0 or -ENOMEM. */
EDGE_MUST_CHECK int remembered_compare(const struct remembered *remembered,
                                       const struct engine *engine, struct remembered_changes *ret);
void remembered_changes_deinit(struct remembered_changes *changes);

/* One line that says what `engine` made of it, and, after a reload, one per thing that is not as it
 * was. */
void remembered_report(const struct remembered *remembered, const struct engine *engine);

/* Adds a deletion for each record that is about nothing any more. */
void remembered_add_gone(const struct remembered *remembered, const struct engine *engine,
                         struct record_batch *records);

/* See archive.h. False if the text says nothing. */
EDGE_MUST_CHECK bool remembered_node_read(const char *data, struct remembered_node *ret);
void remembered_node_write(struct remembered_node *node, struct buf *text);

#endif

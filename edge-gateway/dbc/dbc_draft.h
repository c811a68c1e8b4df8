/*
 * One DBC file while it is being read: growing lists, and what is known only until the file ends
 * (multiplexor tags, long names, attribute defaults). dbc_compile() turns it into messages.
 */
#ifndef EDGE_GATEWAY_DBC_DBC_DRAFT_H
#define EDGE_GATEWAY_DBC_DBC_DRAFT_H

#include "common/attributes.h"
#include "edge-gateway/dbc/dbc.h"
#include "edge-gateway/dbc/dbc_arena.h"
#include "edge-gateway/dbc/dbc_index.h"
#include "edge-gateway/dbc/dbc_lexer.h"

struct dbc_draft_signal {
    struct dbc_signal signal;
    struct dbc_position at;
    const char *long_name;     /* SystemSignalLongSymbol, NULL if none */
    const char *selector_name; /* SG_MUL_VAL_, NULL: the message's only multiplexor */
};

struct dbc_draft_message {
    struct dbc_message message; /* its signals are still below */
    struct dbc_position at;
    const char *long_name;    /* SystemMessageLongSymbol, NULL if none */
    const char *frame_format; /* text of VFrameFormat, NULL if not given */
    bool has_cycle_time;
    struct dbc_group *last_group; /* NULL if none */
    struct dbc_draft_signal *signals;
    size_t signal_count;
    size_t signal_capacity;
};

struct dbc_draft_table { /* VAL_TABLE_ */
    const char *name;
    const struct dbc_label *labels;
    size_t label_count;
};

/* What BA_DEF_ and BA_DEF_DEF_ say about the attributes that matter here. */
struct dbc_draft_defaults {
    uint32_t cycle_time_ms;
    bool has_start;
    struct decimal start;
    const char *frame_format;   /* NULL if none */
    const char **frame_formats; /* the enumeration of VFrameFormat */
    size_t frame_format_count;
    bool j1939; /* ProtocolType */
};

struct dbc_draft {
    struct dbc_arena *arena; /* of the database */
    struct dbc_draft_message **messages;
    size_t message_count;
    size_t message_capacity;
    struct dbc_index index;
    struct dbc_draft_table *tables;
    size_t table_count;
    size_t table_capacity;
    struct dbc_variable *variables; /* in the order of the file */
    struct dbc_variable **variables_end;
    size_t variable_count;
    struct dbc_draft_defaults defaults;
    bool failed; /* out of memory */
};

void dbc_draft_init(struct dbc_draft *draft, struct dbc_arena *arena);
void dbc_draft_deinit(struct dbc_draft *draft);

/* Each returns the copy in the draft, or NULL when out of memory (`failed` is set). */
struct dbc_draft_message *dbc_draft_add_message(struct dbc_draft *draft,
                                                const struct dbc_draft_message *message);
struct dbc_draft_signal *dbc_draft_add_signal(struct dbc_draft *draft,
                                              struct dbc_draft_message *message,
                                              const struct dbc_draft_signal *signal);
void dbc_draft_add_table(struct dbc_draft *draft, const struct dbc_draft_table *table);

/* Frees the message's own memory when it has been compiled: a large file then needs room for one
 * form of each message only. The draft cannot be searched any more. */
void dbc_draft_release(struct dbc_draft *draft, size_t index);

struct dbc_draft_message *dbc_draft_find_message(const struct dbc_draft *draft, uint32_t key);
const struct dbc_draft_table *dbc_draft_find_table(const struct dbc_draft *draft, const char *name);

/*
 * The next signal of that name after `after` (NULL: the first), NULL when there is none. A
 * multiplexed message may have several, one per selector value.
 */
struct dbc_draft_signal *dbc_draft_next_signal(const struct dbc_draft_message *message,
                                               const char *name,
                                               const struct dbc_draft_signal *after);

/* The next signal after this one with its name; NULL when there is none, or for NULL. */
struct dbc_draft_signal *dbc_draft_namesake(const struct dbc_draft_message *message,
                                            const struct dbc_draft_signal *signal);

#endif

#include "edge-gateway/dbc/dbc_section_groups.h"

#include <string.h>

#define MEMBERS_MAX DBC_SIGNALS_MAX /* of one list */

void dbc_section_transmitters(struct dbc_parser *p)
{
    const struct dbc_position at = dbc_parser_here(p);
    struct dbc_draft_message *message = dbc_parser_message(p);
    const char *names[MEMBERS_MAX];
    size_t count = 0;
    dbc_parser_expect(p, ':');
    for (const char *name; dbc_parser_list_goes_on(p) && dbc_parser_name(p, &name);) {
        if (count == MEMBERS_MAX) {
            dbc_parser_warn(p, at, "more than %d transmitters: the rest is skipped", MEMBERS_MAX);
            dbc_parser_skip_statement(p);
            return;
        }
        names[count++] = name;
    }
    dbc_parser_end(p);
    const char **copy =
        message != NULL ? dbc_arena_alloc(p->draft->arena, count, sizeof(*copy)) : NULL;
    if (copy != NULL) {
        memcpy(copy, names, count * sizeof(*copy));
        message->message.transmitters = copy;
        message->message.transmitter_count = (uint16_t)count;
    }
}

struct members {
    uint16_t signals[MEMBERS_MAX];
    size_t count;
};

/* All signals of that name: a multiplexed message may have several. */
static void add_members(struct members *members, const struct dbc_draft_message *message,
                        const struct dbc_draft_signal *signal)
{
    while (signal != NULL && members->count < MEMBERS_MAX) {
        members->signals[members->count++] = (uint16_t)(signal - message->signals);
        signal = dbc_draft_namesake(message, signal);
    }
}

static void keep_group(struct dbc_parser *p, struct dbc_draft_message *message, const char *name,
                       const struct members *members)
{
    struct dbc_group *group = dbc_arena_alloc(p->draft->arena, 1, sizeof(*group));
    uint16_t *signals = dbc_arena_alloc(p->draft->arena, members->count, sizeof(*signals));
    if (group == NULL || signals == NULL) {
        return; /* the arena remembers */
    }
    memcpy(signals, members->signals, members->count * sizeof(*signals));
    *group = (struct dbc_group){NULL, name, signals, (uint16_t)members->count};
    if (message->last_group == NULL) {
        message->message.groups = group;
    } else {
        message->last_group->next = group;
    }
    message->last_group = group;
}

void dbc_section_group(struct dbc_parser *p)
{
    struct dbc_position at = dbc_parser_here(p);
    struct dbc_draft_message *message = dbc_parser_message(p);
    struct members members = {.count = 0};
    struct dbc_span repetitions;
    const char *name;
    if (!dbc_parser_name(p, &name)) {
        dbc_parser_warn(p, at, "a signal group needs a name");
        dbc_parser_skip_statement(p);
        return;
    }
    (void)dbc_lexer_digits(&p->lexer, &repetitions); /* says nothing: it is 1 */
    dbc_parser_expect(p, ':');
    for (struct dbc_draft_signal *signal;
         dbc_parser_list_goes_on(p) && dbc_parser_signal(p, message, &signal);) {
        add_members(&members, message, signal);
    }
    dbc_parser_end(p);
    if (message != NULL) {
        keep_group(p, message, name, &members);
    }
}

#include "edge-gateway/dbc/dbc_draft.h"

#include <stdlib.h>
#include <string.h>

void dbc_draft_init(struct dbc_draft *draft, struct dbc_arena *arena)
{
    *draft = (struct dbc_draft){.arena = arena};
    draft->variables_end = &draft->variables;
}

void dbc_draft_release(struct dbc_draft *draft, size_t index)
{
    struct dbc_draft_message *message = draft->messages[index];
    draft->messages[index] = NULL;
    if (message != NULL) {
        free(message->signals);
        free(message);
    }
}

void dbc_draft_deinit(struct dbc_draft *draft)
{
    for (size_t i = 0; i < draft->message_count; i++) {
        dbc_draft_release(draft, i);
    }
    free(draft->messages);
    free(draft->tables);
    dbc_index_deinit(&draft->index);
    dbc_draft_init(draft, NULL);
}

/* Room for one more element of `size` bytes; false, and the list as it was, when out of memory. */
static bool grow(struct dbc_draft *draft, void **list, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity) {
        return true;
    }
    size_t more = *capacity > 0 ? *capacity * 2 : 8;
    void *grown = reallocarray(*list, more, size);
    if (grown == NULL) {
        draft->failed = true;
        return false;
    }
    *list = grown;
    *capacity = more;
    return true;
}

static uint32_t message_key(const struct dbc_message *message)
{
    return message->can_id | (message->extended ? DBC_INDEX_EXTENDED : 0);
}

struct dbc_draft_message *dbc_draft_add_message(struct dbc_draft *draft,
                                                const struct dbc_draft_message *message)
{
    if (!grow(draft, (void **)&draft->messages, draft->message_count, &draft->message_capacity,
              sizeof(struct dbc_draft_message *))) {
        return NULL;
    }
    struct dbc_draft_message *copy = malloc(sizeof(*copy));
    if (copy == NULL) {
        draft->failed = true;
        return NULL;
    }
    *copy = *message;
    if (dbc_index_add(&draft->index, message_key(&copy->message), &copy->message) < 0) {
        draft->failed = true;
        free(copy);
        return NULL;
    }
    draft->messages[draft->message_count++] = copy;
    return copy;
}

struct dbc_draft_signal *dbc_draft_add_signal(struct dbc_draft *draft,
                                              struct dbc_draft_message *message,
                                              const struct dbc_draft_signal *signal)
{
    if (!grow(draft, (void **)&message->signals, message->signal_count, &message->signal_capacity,
              sizeof(*signal))) {
        return NULL;
    }
    message->signals[message->signal_count] = *signal;
    return &message->signals[message->signal_count++];
}

void dbc_draft_add_table(struct dbc_draft *draft, const struct dbc_draft_table *table)
{
    if (grow(draft, (void **)&draft->tables, draft->table_count, &draft->table_capacity,
             sizeof(*table))) {
        draft->tables[draft->table_count++] = *table;
    }
}

struct dbc_draft_message *dbc_draft_find_message(const struct dbc_draft *draft, uint32_t key)
{
    /* The index points at the first member. */
    return (struct dbc_draft_message *)dbc_index_find(&draft->index, key);
}

const struct dbc_draft_table *dbc_draft_find_table(const struct dbc_draft *draft, const char *name)
{
    for (size_t i = 0; i < draft->table_count; i++) {
        if (strcmp(draft->tables[i].name, name) == 0) {
            return &draft->tables[i];
        }
    }
    return NULL;
}

struct dbc_draft_signal *dbc_draft_next_signal(const struct dbc_draft_message *message,
                                               const char *name,
                                               const struct dbc_draft_signal *after)
{
    size_t from = after != NULL ? (size_t)(after - message->signals) + 1 : 0;
    for (size_t i = from; i < message->signal_count; i++) {
        if (strcmp(message->signals[i].signal.name, name) == 0) {
            return &message->signals[i];
        }
    }
    return NULL;
}

struct dbc_draft_signal *dbc_draft_namesake(const struct dbc_draft_message *message,
                                            const struct dbc_draft_signal *signal)
{
    return signal != NULL ? dbc_draft_next_signal(message, signal->signal.name, signal) : NULL;
}

#include "automation-node/app/reload_answer.h"

#include "topics/limits.h"
#include "topics/payload_answer.h"
#include "topics/payload_node.h"
#include "topics/payload_reload.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reload_answer {
    char transaction[PAYLOAD_TRANSACTION_MAX_BYTES + 1]; /* "" = none */
    char *error;                                         /* NULL = it was done */
    struct remembered_changes changes;
    uint64_t chunk;
    size_t at; /* the next change */
    struct json_writer w;
    char *text; /* PAYLOAD_CHUNK_MAX_BYTES */
    size_t length;
};

static const char *transaction_of(const struct reload_answer *answer)
{
    return answer->transaction[0] != '\0' ? answer->transaction : NULL;
}

static enum payload_reload_change change_of(enum remembered_fate fate)
{
    static const enum payload_reload_change changes[] = {
        [REMEMBERED_CHANGED] = PAYLOAD_RELOAD_CHANGED,
        [REMEMBERED_REMOVED] = PAYLOAD_RELOAD_REMOVED,
        [REMEMBERED_NEW] = PAYLOAD_RELOAD_NEW,
    };
    return changes[fate];
}

/* True if all have room. */
static bool write_changes(struct reload_answer *answer)
{
    struct json_writer *w = &answer->w;
    bool has_room = true;
    payload_reload_begin(w, answer->changes.kept);
    for (; has_room && answer->at < answer->changes.count; answer->at += has_room ? 1 : 0) {
        const struct remembered_change *change = &answer->changes.changes[answer->at];
        const struct json_writer before = *w;
        payload_reload_change(w, change->kind, change->id, change_of(change->fate));
        has_room = json_writer_has_room(w, PAYLOAD_ANSWER_END_BYTES);
        *w = has_room ? *w : before;
    }
    payload_reload_end(w);
    return has_room;
}

static enum responder_step step(void *context)
{
    struct reload_answer *answer = context;
    enum responder_step step = RESPONDER_FAILED;
    json_writer_init(&answer->w, answer->text, PAYLOAD_CHUNK_MAX_BYTES);
    if (answer->error != NULL) {
        payload_response_error(&answer->w, transaction_of(answer), answer->error);
    } else {
        payload_response_data_begin(&answer->w, transaction_of(answer), answer->chunk++);
        step = write_changes(answer) ? RESPONDER_LAST_CHUNK : RESPONDER_CHUNK;
        payload_response_data_end(&answer->w, step == RESPONDER_LAST_CHUNK);
    }
    if (json_writer_finish(&answer->w, &answer->length) < 0) {
        answer->length = 0; /* cannot be: all parts are bounded */
    }
    return step;
}

static const char *text(const void *context, size_t *ret_length)
{
    const struct reload_answer *answer = context;
    *ret_length = answer->length;
    return answer->text;
}

static const char *error_of(const void *context)
{
    const struct reload_answer *answer = context;
    return answer->error != NULL ? answer->error : "";
}

static void free_answer(void *context)
{
    struct reload_answer *answer = context;
    if (answer != NULL) {
        remembered_changes_deinit(&answer->changes);
        free(answer->error);
        free(answer->text);
        free(answer);
    }
}

const struct responder_methods *reload_answer_methods(void)
{
    static const struct responder_methods methods = {step, text, error_of, free_answer, true};
    return &methods;
}

static int fill(struct reload_answer *answer, const struct reload_outcome *outcome)
{
    answer->text = malloc(PAYLOAD_CHUNK_MAX_BYTES);
    if (answer->text == NULL) {
        return -ENOMEM;
    }
    if (outcome->error == NULL) {
        return remembered_compare(outcome->remembered, outcome->engine, &answer->changes);
    }
    answer->error = strndup(outcome->error, RELOAD_ERROR_BYTES);
    return answer->error != NULL ? 0 : -ENOMEM;
}

int reload_answer_new(const struct reload_outcome *outcome, const char *transaction,
                      struct reload_answer **ret)
{
    struct reload_answer *answer = calloc(1, sizeof(*answer));
    if (answer == NULL) {
        return -ENOMEM;
    }
    (void)snprintf(answer->transaction, sizeof(answer->transaction), "%s",
                   transaction != NULL ? transaction : "");
    int r = fill(answer, outcome);
    if (r < 0) {
        free_answer(answer);
        return r;
    }
    *ret = answer;
    return 0;
}

#include "edge-gateway/dbc/dbc.h"

#include "edge-gateway/dbc/dbc_arena.h"
#include "edge-gateway/dbc/dbc_compile.h"
#include "edge-gateway/dbc/dbc_index.h"
#include "edge-gateway/dbc/dbc_labels.h"
#include "edge-gateway/dbc/dbc_parser.h"
#include "edge-gateway/dbc/text_encoding.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MESSAGES_MAX 262144u

struct dbc_database {
    struct dbc_arena arena;
    struct dbc_message **messages;
    struct dbc_message **by_name; /* the same, sorted; of equal names the first one first */
    size_t count;
    size_t capacity;
    struct dbc_index index;
    struct dbc_variable *variables; /* the first; NULL if none */
};

struct dbc_database *dbc_new(void)
{
    return calloc(1, sizeof(struct dbc_database));
}

void dbc_free(struct dbc_database *db)
{
    if (db == NULL) {
        return;
    }
    dbc_arena_deinit(&db->arena);
    dbc_index_deinit(&db->index);
    free(db->messages);
    free(db->by_name);
    free(db);
}

static int reserve(struct dbc_database *db, size_t more)
{
    size_t needed = db->count + more;
    if (needed <= db->capacity) {
        return 0;
    }
    struct dbc_message **messages = reallocarray(db->messages, needed, sizeof(*messages));
    if (messages == NULL) {
        return -ENOMEM;
    }
    db->messages = messages;
    struct dbc_message **by_name = reallocarray(db->by_name, needed, sizeof(*by_name));
    if (by_name == NULL) {
        return -ENOMEM;
    }
    db->by_name = by_name;
    db->capacity = needed;
    return 0;
}

/* The first message of a parameter group gets its frames; later ones only those with their id. */
static int add_group(struct dbc_database *db, struct dbc_message *message, struct dbc_position at,
                     const struct dbc_report *report)
{
    uint32_t key = dbc_index_pgn_key(message->can_id);
    const struct dbc_message *first = dbc_index_find(&db->index, key);
    if (first == NULL) {
        return dbc_index_add(&db->index, key, message);
    }
    if (dbc_index_has_null_address(message->can_id)) {
        dbc_report_warn(report, at,
                        "message '%s' is never seen: frames of its parameter group %u are "
                        "those of message '%s' of %s:%u",
                        message->name, dbc_index_pgn(message->can_id), first->name, first->file,
                        first->line);
    }
    return 0;
}

/* An exact id wins over a parameter group. */
static int add_message(struct dbc_database *db, struct dbc_message *message, struct dbc_position at,
                       const struct dbc_report *report)
{
    uint32_t key = message->can_id | (message->extended ? DBC_INDEX_EXTENDED : 0);
    int r = dbc_index_add(&db->index, key, message);
    if (r == 0 && message->j1939) {
        r = add_group(db, message, at, report);
    }
    if (r == 0) {
        message->index = (uint32_t)db->count;
        db->messages[db->count++] = message;
    }
    return r;
}

static bool is_new(const struct dbc_database *db, const struct dbc_draft_message *dm,
                   const struct dbc_report *report)
{
    const struct dbc_message *message = &dm->message;
    const struct dbc_message *same_id =
        dbc_index_find(&db->index, message->can_id | (message->extended ? DBC_INDEX_EXTENDED : 0));
    if (same_id != NULL) {
        dbc_report_warn(
            report, dm->at, "message '%s' is skipped: its id 0x%X belongs to message '%s' of %s:%u",
            message->name, message->can_id, same_id->name, same_id->file, same_id->line);
        return false;
    }
    if (db->count >= MESSAGES_MAX) {
        dbc_report_warn(report, dm->at, "more than %u messages: '%s' is skipped", MESSAGES_MAX,
                        message->name);
        return false;
    }
    return true;
}

static int add_compiled(struct dbc_database *db, const struct dbc_draft_message *dm,
                        const struct dbc_report *report)
{
    if (!is_new(db, dm, report)) {
        return 0;
    }
    struct dbc_message *message = dbc_arena_alloc(&db->arena, 1, sizeof(*message));
    if (message == NULL) {
        return -ENOMEM;
    }
    *message = dm->message;
    return add_message(db, message, dm->at, report);
}

static int compare_names(const void *a, const void *b)
{
    const struct dbc_message *x = *(struct dbc_message *const *)a;
    const struct dbc_message *y = *(struct dbc_message *const *)b;
    int order = strcmp(x->name, y->name);
    return order != 0 ? order : (x->index > y->index) - (x->index < y->index);
}

static void sort_names(struct dbc_database *db)
{
    if (db->count > 0) {
        memcpy(db->by_name, db->messages, db->count * sizeof(struct dbc_message *));
        qsort(db->by_name, db->count, sizeof(struct dbc_message *), compare_names);
    }
}

static int add_all(struct dbc_database *db, struct dbc_draft *draft,
                   const struct dbc_report *report)
{
    int r = reserve(db, draft->message_count);
    dbc_compile_protocol(draft);
    for (size_t i = 0; r == 0 && i < draft->message_count; i++) {
        r = dbc_compile(draft, draft->messages[i], report);
        if (r == 0) {
            r = add_compiled(db, draft->messages[i], report);
        }
        dbc_draft_release(draft, i);
    }
    sort_names(db); /* what was added before a failure is there, too */
    return r;
}

static const struct dbc_variable *find_variable(const struct dbc_database *db, const char *name)
{
    const struct dbc_variable *variable = db->variables;
    while (variable != NULL && strcmp(variable->name, name) != 0) {
        variable = variable->next;
    }
    return variable;
}

/* Of two variables with one name the first file's stays. */
static void add_variables(struct dbc_database *db, struct dbc_variable *variables,
                          const struct dbc_report *report)
{
    struct dbc_variable **end = &db->variables;
    while (*end != NULL) {
        end = &(*end)->next;
    }
    while (variables != NULL) {
        struct dbc_variable *variable = variables;
        variables = variable->next;
        variable->next = NULL;
        const struct dbc_variable *first = find_variable(db, variable->name);
        if (first != NULL) {
            dbc_report_warn(report, (struct dbc_position){variable->line, NULL, NULL},
                            "environment variable '%s' is skipped: it is there already, from %s:%u",
                            variable->name, first->file, first->line);
            continue;
        }
        *end = variable;
        end = &variable->next;
    }
}

static void add_error(struct diagnostics *d, const char *file, const char *text)
{
    diagnostics_add(d, SEVERITY_ERROR, file, 0, 0, "%s", text);
}

static int load_utf8(struct dbc_database *db, const char *file, const char *text, size_t length,
                     struct diagnostics *d)
{
    struct dbc_report report = {d, file};
    struct dbc_draft draft;
    dbc_draft_init(&draft, &db->arena);
    int r = dbc_parse(&draft, file, text, length, d);
    if (r == 0) {
        r = add_all(db, &draft, &report);
        add_variables(db, r == 0 ? draft.variables : NULL, &report);
    } else if (r == -EINVAL) {
        add_error(d, file, "no section of a DBC file is in it: this is no DBC file");
    }
    if (r == 0 && draft.message_count == 0) {
        dbc_report_warn(&report, (struct dbc_position){0, NULL, NULL},
                        "the file defines no message");
    }
    dbc_draft_deinit(&draft);
    return r;
}

int dbc_load_text(struct dbc_database *db, const char *file_name, const char *text, size_t length,
                  struct diagnostics *d)
{
    if (length > DBC_TEXT_MAX_BYTES) {
        add_error(d, file_name, "the file is larger than 64 MiB");
        return -EFBIG;
    }
    struct text_utf8 utf8;
    int r = text_to_utf8(text, length, &utf8);
    if (r < 0) {
        return r;
    }
    if (utf8.encoding == TEXT_ENCODING_UTF16) {
        add_error(d, file_name, "the file is UTF-16: save it as UTF-8 or Windows-1252");
        return -EINVAL;
    }
    const char *name = dbc_arena_text(&db->arena, file_name, strlen(file_name));
    r = load_utf8(db, name, utf8.text, utf8.length, d);
    free(utf8.owned);
    return r;
}

static size_t mark_not_available(struct dbc_signal *signal, const char *label)
{
    size_t found = 0;
    for (uint32_t i = 0; i < signal->label_count; i++) {
        struct dbc_label *row = (struct dbc_label *)&signal->labels[i]; /* from our arena */
        if (dbc_label_same_words(row->text, label)) {
            row->not_available = true;
            signal->field.plain = false;
            found++;
        }
    }
    return found;
}

size_t dbc_mark_not_available(struct dbc_database *db, const char *label)
{
    size_t found = 0;
    for (size_t i = 0; i < db->count; i++) {
        for (uint16_t k = 0; k < db->messages[i]->signal_count; k++) {
            found += mark_not_available(&db->messages[i]->signals[k], label);
        }
    }
    return found;
}

const struct dbc_message *dbc_find_by_id(const struct dbc_database *db, uint32_t can_id,
                                         bool extended)
{
    if (!extended) {
        return can_id < DBC_INDEX_STANDARD ? db->index.standard[can_id] : NULL;
    }
    const struct dbc_message *exact = dbc_index_find(&db->index, can_id | DBC_INDEX_EXTENDED);
    return exact != NULL ? exact : dbc_index_find(&db->index, dbc_index_pgn_key(can_id));
}

const struct dbc_message *dbc_find_by_name(const struct dbc_database *db, const char *name)
{
    size_t first = 0;
    size_t end = db->count;
    while (first < end) {
        size_t middle = first + (end - first) / 2;
        if (strcmp(db->by_name[middle]->name, name) < 0) {
            first = middle + 1;
        } else {
            end = middle;
        }
    }
    bool is_there = first < db->count && strcmp(db->by_name[first]->name, name) == 0;
    return is_there ? db->by_name[first] : NULL;
}

const struct dbc_signal *dbc_find_signal(const struct dbc_message *message, const char *name)
{
    for (uint16_t i = 0; i < message->signal_count; i++) {
        if (strcmp(message->signals[i].name, name) == 0) {
            return &message->signals[i];
        }
    }
    return NULL;
}

size_t dbc_message_count(const struct dbc_database *db)
{
    return db->count;
}

const struct dbc_message *dbc_message_at(const struct dbc_database *db, size_t index)
{
    return db->messages[index];
}

const struct dbc_variable *dbc_variables(const struct dbc_database *db)
{
    return db->variables;
}

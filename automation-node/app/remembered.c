#include "automation-node/app/remembered.h"

#include "automation-node/expression/expression.h"
#include "automation-node/state/archive.h"
#include "automation-node/store/record_read.h"
#include "common/clock.h"
#include "common/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define INTEGRAL_MAX_US (3600 * US_PER_S)

struct remembered {
    struct record_batch batch; /* owns the texts */
    struct engine_record *records;
    struct engine_memory memory;
};

static void archive_node(struct remembered_node *node, struct archive *a)
{
    archive_i64(a, "alive", &node->alive_us);
    archive_flag(a, "clock", &node->clock);
    archive_flag(a, "complete", &node->complete);
}

bool remembered_node_read(const char *data, struct remembered_node *ret)
{
    struct archive a;
    struct remembered_node node = {0};
    if (archive_load(&a, data, strlen(data), 0) < 0) {
        return false;
    }
    archive_node(&node, &a);
    if (node.alive_us < -ARCHIVE_INSTANT_MAX_US || node.alive_us > ARCHIVE_INSTANT_MAX_US) {
        return false;
    }
    *ret = node;
    return true;
}

void remembered_node_write(struct remembered_node *node, struct buf *text)
{
    struct archive a;
    buf_reset(text);
    archive_save(&a, text, 0);
    archive_node(node, &a);
    archive_finish(&a);
}

/* The records as the engine wants them; that of the node goes to `ret_node`. */
static int list(struct remembered *r, struct remembered_node *ret_node)
{
    struct stored_record stored;
    r->records = calloc(r->batch.count + 1, sizeof(*r->records));
    if (r->records == NULL) {
        return -ENOMEM;
    }
    for (size_t at = 0; record_batch_next(&r->batch, &at, &stored);) {
        if (strcmp(stored.kind, REMEMBERED_NODE) != 0) {
            r->records[r->memory.count++] = (struct engine_record){.kind = stored.kind,
                                                                   .id = stored.id,
                                                                   .definition = stored.definition,
                                                                   .data = stored.data,
                                                                   .length = strlen(stored.data)};
        } else if (!remembered_node_read(stored.data, ret_node)) {
            log_warning("store", "what was remembered of the node is damaged");
        }
    }
    r->memory.records = r->records;
    return 0;
}

static int new_remembered(struct remembered **ret)
{
    struct remembered *r = calloc(1, sizeof(*r));
    if (r == NULL) {
        return -ENOMEM;
    }
    record_batch_init(&r->batch);
    r->memory.integral_max_us = INTEGRAL_MAX_US;
    *ret = r;
    return 0;
}

void remembered_free(struct remembered *remembered)
{
    if (remembered != NULL) {
        record_batch_deinit(&remembered->batch);
        free(remembered->records);
        free(remembered);
    }
}

int remembered_load(const struct node_config *config, int64_t wall_us, struct remembered **ret)
{
    char error[DATABASE_ERROR_BYTES];
    struct remembered_node node = {0};
    struct remembered *r;
    int result = new_remembered(&r);
    if (result < 0) {
        return result;
    }
    if (config->store.enabled &&
        record_read(config->store.file, config->node, &r->batch, error) < 0) {
        log_error("store", "%s: what was remembered cannot be read, so everything begins anew: %s",
                  config->store.file, error);
        record_batch_reset(&r->batch);
    }
    result = list(r, &node);
    if (result < 0) {
        remembered_free(r);
        return result;
    }
    r->memory.after_stop = true;
    r->memory.alive_us = node.alive_us;
    r->memory.complete = node.complete;
    r->memory.wall_us = node.clock ? wall_us : EXPRESSION_NO_CLOCK;
    *ret = r;
    return 0;
}

static const struct engine_record *find_in(const struct remembered_estate *estate,
                                           const struct engine_record *record)
{
    for (size_t i = 0; estate != NULL && i < estate->count; i++) {
        if (strcmp(estate->records[i].kind, record->kind) == 0 &&
            strcmp(estate->records[i].id, record->id) == 0) {
            return &estate->records[i];
        }
    }
    return record;
}

/* `estate` may be NULL. */
static int take_all(struct remembered *r, struct engine *engine,
                    const struct remembered_estate *estate)
{
    struct buf text;
    struct engine_record record;
    bool fits = true;
    buf_init(&text, ENGINE_RECORD_MAX_BYTES);
    engine_note_all_records(engine);
    while (fits && engine_take_record(engine, true, &text, &record)) {
        const struct engine_record *newest = find_in(estate, &record);
        const struct stored_record stored = {record.kind, record.id, newest->definition,
                                             newest->data};
        fits = record_batch_add(&r->batch, &stored);
    }
    buf_deinit(&text);
    return fits ? 0 : -ENOMEM;
}

static int take(struct engine *engine, const struct remembered_estate *estate, int64_t now_us,
                struct remembered **ret)
{
    struct remembered_node none = {0};
    struct remembered *r;
    int result = new_remembered(&r);
    if (result < 0) {
        return result;
    }
    result = take_all(r, engine, estate);
    result = result == 0 ? list(r, &none) : result;
    if (result < 0) {
        remembered_free(r);
        return result;
    }
    bool known;
    r->memory.alive_us = engine_record_clock(engine, now_us, &known);
    r->memory.wall_us = known ? r->memory.alive_us : EXPRESSION_NO_CLOCK;
    r->memory.complete = true;
    *ret = r;
    return 0;
}

int remembered_take(struct engine *engine, int64_t now_us, struct remembered **ret)
{
    return take(engine, NULL, now_us, ret);
}

int remembered_inherit(struct engine *engine, const struct remembered_estate *estate,
                       int64_t now_us, struct remembered **ret)
{
    int r = take(engine, estate, now_us, ret);
    if (r == 0) {
        struct engine_memory *memory = &(*ret)->memory;
        memory->after_stop = true;
        memory->inputs_known = true;
        memory->complete = estate->complete;
        memory->alive_us -= estate->alive_ago_us;
    }
    return r;
}

const struct engine_memory *remembered_memory(const struct remembered *remembered)
{
    return remembered->memory.count > 0 ? &remembered->memory : NULL;
}

/* ---- what became of it ---- */

struct census {
    struct remembered_changes changes;
    size_t capacity;
    int result;
};

static void note(struct census *census, const char *kind, const char *id, enum remembered_fate fate)
{
    struct remembered_changes *changes = &census->changes;
    if (changes->count == census->capacity && census->result == 0) {
        size_t capacity = census->capacity > 0 ? census->capacity * 2 : 16;
        struct remembered_change *grown = reallocarray(changes->changes, capacity, sizeof(*grown));
        census->result = grown != NULL ? 0 : -ENOMEM;
        changes->changes = grown != NULL ? grown : changes->changes;
        census->capacity = grown != NULL ? capacity : census->capacity;
    }
    if (census->result == 0) {
        changes->changes[changes->count++] = (struct remembered_change){kind, id, fate};
    }
}

static void note_new(void *context, const char *kind, const char *id)
{
    note(context, kind, id, REMEMBERED_NEW);
}

int remembered_compare(const struct remembered *remembered, const struct engine *engine,
                       struct remembered_changes *ret)
{
    const struct engine_memory *memory = &remembered->memory;
    struct census census = {0};
    for (size_t i = 0; i < memory->count; i++) {
        const struct engine_record *record = &memory->records[i];
        switch (engine_record_fate(engine, record)) {
        case RECORD_KEPT:
            census.changes.kept++;
            break;
        case RECORD_CHANGED:
            note(&census, record->kind, record->id, REMEMBERED_CHANGED);
            break;
        case RECORD_REMOVED:
            note(&census, record->kind, record->id, REMEMBERED_REMOVED);
            break;
        }
    }
    engine_each_new(engine, memory, note_new, &census);
    if (census.result < 0) {
        remembered_changes_deinit(&census.changes);
        return census.result;
    }
    *ret = census.changes;
    return 0;
}

void remembered_changes_deinit(struct remembered_changes *changes)
{
    free(changes->changes);
    *changes = (struct remembered_changes){0};
}

static void tell(const struct remembered *r, const struct remembered_change *change)
{
    static const char *const words[] = {
        [REMEMBERED_CHANGED] = "is configured otherwise and begins anew",
        [REMEMBERED_REMOVED] = "is gone",
        [REMEMBERED_NEW] = "is new",
    };
    if (r->memory.after_stop) {
        log_debug("node", "%s '%s' %s", change->kind, change->id, words[change->fate]);
    } else {
        log_notice("node", "%s '%s' %s", change->kind, change->id, words[change->fate]);
    }
}

void remembered_report(const struct remembered *remembered, const struct engine *engine)
{
    struct remembered_changes changes;
    size_t counts[REMEMBERED_NEW + 1] = {0};
    if (remembered->memory.count == 0 || remembered_compare(remembered, engine, &changes) < 0) {
        return;
    }
    for (size_t i = 0; i < changes.count; i++) {
        counts[changes.changes[i].fate]++;
        tell(remembered, &changes.changes[i]);
    }
    log_info("node", "%s: %zu things go on as they were, %zu changed, %zu removed, %zu new",
             remembered->memory.after_stop ? "restored" : "reloaded", changes.kept,
             counts[REMEMBERED_CHANGED], counts[REMEMBERED_REMOVED], counts[REMEMBERED_NEW]);
    remembered_changes_deinit(&changes);
}

void remembered_add_gone(const struct remembered *remembered, const struct engine *engine,
                         struct record_batch *records)
{
    const struct engine_memory *memory = &remembered->memory;
    for (size_t i = 0; i < memory->count; i++) {
        const struct stored_record gone = {memory->records[i].kind, memory->records[i].id, 0, ""};
        if (engine_record_fate(engine, &memory->records[i]) == RECORD_REMOVED &&
            !record_batch_add(records, &gone)) {
            return; /* it is found gone again at the next start */
        }
    }
}

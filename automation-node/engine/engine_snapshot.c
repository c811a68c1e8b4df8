#include "automation-node/engine/engine_snapshot.h"

#include "automation-node/engine/engine_alarms.h"
#include "automation-node/engine/engine_book.h"
#include "automation-node/input/input_archive.h"
#include "automation-node/state/digest.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const kinds[AGENDA_PARTS] = {
    [AGENDA_INPUT] = "input",           [AGENDA_RULE] = "rule",       [AGENDA_EVENT] = "event",
    [AGENDA_SCHEDULE] = "schedule",     [AGENDA_GROUP] = "interlock", [AGENDA_UNIT] = "device",
    [AGENDA_CONTROLLER] = "controller", [AGENDA_ALARM] = "alarm",
};

/* ---- the book ---- */

int engine_new_book(struct engine *engine, const struct engine_options *options)
{
    struct record_book *book = calloc(1, sizeof(*book));
    if (book == NULL) {
        return -ENOMEM;
    }
    engine->book = book;
    book->count = engine_item(engine, AGENDA_CONTROLLER, engine->controller_count);
    book->names = calloc(book->count + 1, sizeof(*book->names));
    book->definitions = calloc(book->count + 1, sizeof(*book->definitions));
    book->by_name = calloc(book->count + 1, sizeof(*book->by_name));
    book->due = calloc(book->count + 1, sizeof(*book->due));
    book->taken = calloc(book->count + 1, sizeof(*book->taken));
    book->restored = calloc(book->count + 1, sizeof(*book->restored));
    book->now = calloc(book->count + 1, sizeof(*book->now));
    if (book->names == NULL || book->definitions == NULL || book->by_name == NULL ||
        book->due == NULL || book->taken == NULL || book->restored == NULL || book->now == NULL) {
        return -ENOMEM;
    }
    int r = engine_define(engine, options);
    if (r == 0) {
        engine_note_all_records(engine);
    }
    return r;
}

void engine_free_book(struct engine *engine)
{
    struct record_book *book = engine->book;
    if (book == NULL) {
        return;
    }
    for (size_t i = 0; book->names != NULL && i < book->count; i++) {
        free(book->names[i]);
    }
    free(book->names);
    free(book->definitions);
    free(book->by_name);
    free(book->due);
    free(book->taken);
    free(book->restored);
    free(book->now);
    free(book);
}

enum agenda_part engine_part_of(const struct engine *engine, size_t item, size_t *ret_index)
{
    enum agenda_part part = AGENDA_CONTROLLER;
    while (item < engine_item(engine, part, 0)) {
        part--;
    }
    *ret_index = item - engine_item(engine, part, 0);
    return part;
}

size_t engine_find_item(const struct engine *engine, enum agenda_part part, const char *name)
{
    const struct record_book *book = engine->book;
    size_t low = engine_item(engine, part, 0);
    size_t high = part < AGENDA_CONTROLLER ? engine_item(engine, part + 1, 0) : book->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(name, book->names[book->by_name[middle]]);
        if (order == 0) {
            return book->by_name[middle];
        }
        low = order > 0 ? middle + 1 : low;
        high = order > 0 ? high : middle;
    }
    return SIZE_MAX;
}

size_t engine_find_record(const struct engine *engine, const struct engine_record *record)
{
    for (int part = 0; part < AGENDA_PARTS; part++) {
        if (strcmp(kinds[part], record->kind) == 0) {
            return engine_find_item(engine, (enum agenda_part)part, record->id);
        }
    }
    return SIZE_MAX;
}

enum record_fate engine_record_fate(const struct engine *engine, const struct engine_record *record)
{
    size_t item = engine_find_record(engine, record);
    if (item == SIZE_MAX) {
        return RECORD_REMOVED;
    }
    return engine->book->definitions[item] == record->definition ? RECORD_KEPT : RECORD_CHANGED;
}

void engine_each_new(const struct engine *engine, const struct engine_memory *memory,
                     void (*found)(void *context, const char *kind, const char *id), void *context)
{
    const struct record_book *book = engine->book;
    bool *known = calloc(book->count + 1, sizeof(*known));
    for (size_t i = 0; known != NULL && i < memory->count; i++) {
        size_t item = engine_find_record(engine, &memory->records[i]);
        known[item != SIZE_MAX ? item : book->count] = true;
    }
    for (size_t item = 0; known != NULL && item < book->count; item++) {
        size_t index;
        if (!known[item]) {
            found(context, kinds[engine_part_of(engine, item, &index)], book->names[item]);
        }
    }
    free(known);
}

/* ---- what an item remembers ---- */

static void archive_unit(struct engine *engine, struct device_unit *unit, struct archive *a)
{
    device_archive(unit->device, a);
    arbiter_archive(unit->arbiter, a);
    archive_text(a, "wish", unit->transaction, sizeof(unit->transaction));
    size_t mark = archive_enter(a, "manual", 0);
    arbiter_archive_slot(unit->arbiter, SLOT_MANUAL, a);
    archive_leave(a, mark);
    mark = archive_enter(a, "action", 0);
    char rule[NAME_SIZE] = "";
    size_t first = engine_item(engine, AGENDA_EVENT, 0);
    if (unit->action_rule != ENGINE_NO_RULE) {
        (void)snprintf(rule, sizeof(rule), "%s", engine->book->names[first + unit->action_rule]);
    }
    archive_text(a, "rule", rule, sizeof(rule));
    if (a->mode == ARCHIVE_LOAD) {
        size_t item = engine_find_item(engine, AGENDA_EVENT, rule);
        unit->action_rule = item != SIZE_MAX ? item - first : ENGINE_NO_RULE;
    }
    if (unit->action_rule != ENGINE_NO_RULE) {
        arbiter_archive_slot(unit->arbiter, unit->action_slot, a);
    }
    archive_leave(a, mark);
}

static void archive_controller(struct controller_unit *controller, struct archive *a)
{
    if (controller->climate != NULL) {
        climate_archive(controller->climate, a);
        return;
    }
    if (controller->pid != NULL) {
        pid_archive(controller->pid, a);
    }
    if (controller->pwm != NULL) {
        size_t mark = archive_enter(a, "pwm", 0);
        pwm_archive(controller->pwm, a);
        archive_leave(a, mark);
    }
    if (controller->thermostat == NULL) {
        return;
    }
    controller->active_mode = (enum thermostat_mode)archive_choice(
        a, "active_mode", (int)controller->active_mode, THERMOSTAT_MODE_COUNT);
    thermostat_archive(controller->thermostat, a);
}

static void archive_rule(struct rule_unit *rule, struct archive *a)
{
    archive_u64(a, "runs", &rule->runs);
    archive_time(a, "last_run_at", &rule->last_us);
    level_rule_archive(rule->rule, a);
}

static void archive_schedule(struct schedule_unit *schedule, struct archive *a)
{
    schedule_archive(schedule->schedule, a);
    if (!schedule->has_seat) {
        value_archive(&schedule->applied, a, "applied");
    }
}

/* Whether it was lost is said, because when it was seen is not written each time. */
static void archive_input(struct engine *engine, size_t index, struct archive *a)
{
    bool lost = engine->noted_trust[index] == INPUT_LOST;
    archive_flag(a, "lost", &lost);
    engine->noted_trust[index] = lost ? INPUT_LOST : engine->noted_trust[index];
    input_archive(input_table_at(engine->inputs, index), a);
    if (engine->derived[index] != NULL) {
        derived_archive(engine->derived[index], a);
    }
}

void engine_archive(struct engine *engine, size_t item, struct archive *a)
{
    size_t index;
    switch (engine_part_of(engine, item, &index)) {
    case AGENDA_INPUT:
        archive_input(engine, index, a);
        break;
    case AGENDA_RULE:
        archive_rule(&engine->rules[index], a);
        break;
    case AGENDA_EVENT:
        event_rule_archive(engine->events[index], a);
        break;
    case AGENDA_SCHEDULE:
        archive_schedule(&engine->schedules[index], a);
        break;
    case AGENDA_GROUP:
        interlock_archive(engine->groups[index].interlock, a);
        break;
    case AGENDA_ALARM:
        engine_archive_alarm(engine, index, a);
        break;
    case AGENDA_UNIT:
        archive_unit(engine, &engine->units[index], a);
        break;
    case AGENDA_CONTROLLER:
        archive_controller(&engine->controllers[index], a);
        break;
    }
}

/* ---- taking records ---- */

void engine_note_record(struct engine *engine, size_t item, enum record_due due)
{
    struct record_book *book = engine->book;
    if (due <= book->due[item]) {
        return;
    }
    book->due[item] = due;
    if (due == RECORD_DUE_NOW) {
        book->now[book->now_count++] = item;
    } else if (item < book->later_at) {
        book->later_at = item;
    }
}

void engine_note_all_records(struct engine *engine)
{
    for (size_t i = 0; i < engine->book->count; i++) {
        engine->book->taken[i] = 0;
        engine_note_record(engine, i, RECORD_DUE_NOW);
    }
}

bool engine_has_record(const struct engine *engine)
{
    return engine->book->now_count > 0;
}

int64_t engine_record_clock(const struct engine *engine, int64_t now_us, bool *ret_known)
{
    *ret_known = engine->clock_is_set;
    return now_us + engine->book->offset_us;
}

static size_t next_item(struct record_book *book, bool all)
{
    if (book->now_count > 0) {
        return book->now[--book->now_count];
    }
    while (all && book->later_at < book->count) {
        size_t item = book->later_at++;
        if (book->due[item] == RECORD_DUE_LATER) {
            return item;
        }
    }
    return SIZE_MAX;
}

/* False if the record is as it was. */
static bool write_record(struct engine *engine, size_t item, struct buf *text)
{
    struct record_book *book = engine->book;
    struct archive a;
    buf_reset(text);
    archive_save(&a, text, book->offset_us);
    engine_archive(engine, item, &a);
    archive_finish(&a);
    if (!buf_ok(text)) {
        return false;
    }
    uint64_t digest = DIGEST_EMPTY;
    digest_bytes(&digest, text->data, text->length);
    bool same = digest == book->taken[item];
    book->taken[item] = digest;
    return !same;
}

static void mark_integral(struct engine *engine, enum agenda_part part, size_t index)
{
    if (part == AGENDA_CONTROLLER && engine->controllers[index].pid != NULL) {
        (void)pid_drift(engine->controllers[index].pid, true);
    }
}

bool engine_take_record(struct engine *engine, bool all, struct buf *text,
                        struct engine_record *ret)
{
    struct record_book *book = engine->book;
    for (size_t item; (item = next_item(book, all)) != SIZE_MAX;) {
        book->due[item] = RECORD_NOT_DUE;
        if (!write_record(engine, item, text)) {
            continue;
        }
        size_t index;
        enum agenda_part part = engine_part_of(engine, item, &index);
        mark_integral(engine, part, index);
        *ret = (struct engine_record){.kind = kinds[part],
                                      .id = book->names[item],
                                      .definition = book->definitions[item],
                                      .data = text->data,
                                      .length = text->length};
        return true;
    }
    return false;
}

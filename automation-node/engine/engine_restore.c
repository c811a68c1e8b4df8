/* What was remembered goes into an engine that has just been built. */
#include "automation-node/engine/device_proof.h"
#include "automation-node/engine/engine_alarms.h"
#include "automation-node/engine/engine_book.h"
#include "automation-node/engine/engine_controllers.h"
#include "automation-node/engine/engine_groups.h"
#include "automation-node/input/deadline.h"
#include "automation-node/input/input_archive.h"

#define JUMP_US INT64_C(1000000) /* of the clock: less is drift, which records may have */

/* Wall clock minus monotonic as it was when the records were written, as far as anybody knows: a
 * clock that went back since says as little as none. */
static int64_t offset_of(const struct engine_memory *memory, int64_t now_us)
{
    bool known = memory->wall_us != EXPRESSION_NO_CLOCK && memory->wall_us >= memory->alive_us;
    return (known ? memory->wall_us : memory->alive_us) - now_us;
}

static void load(struct engine *engine, const struct engine_record *record, int64_t offset_us)
{
    struct record_book *book = engine->book;
    struct archive a;
    size_t item = engine_find_record(engine, record);
    if (item != SIZE_MAX && book->definitions[item] == record->definition &&
        archive_load(&a, record->data, record->length, offset_us) == 0) {
        engine_archive(engine, item, &a);
        book->restored[item] = true;
    }
}

static bool is_restored(const struct engine *engine, enum agenda_part part, size_t index)
{
    return engine->book->restored[engine_item(engine, part, index)];
}

/* ---- after a stop ---- */

static void doubt_inputs(struct engine *engine, const struct engine_memory *memory,
                         int64_t alive_us, int64_t now_us)
{
    for (size_t i = 0; i < input_table_count(engine->inputs); i++) {
        struct input *input = input_table_at(engine->inputs, i);
        if (!is_restored(engine, AGENDA_INPUT, i)) {
            continue;
        }
        if (engine->noted_trust[i] == INPUT_LOST) {
            input->quality = QUALITY_STALE;
        }
        input_doubt(input, memory->complete ? INT64_MIN : alive_us, now_us);
        if (engine->derived[i] != NULL) {
            derived_doubt(engine->derived[i], alive_us, now_us);
        }
    }
}

static void doubt_group(struct engine *engine, size_t index)
{
    struct group_unit *group = &engine->groups[index];
    size_t holder = interlock_holder(group->interlock);
    bool keeps = holder != INTERLOCK_NOBODY &&
                 is_restored(engine, AGENDA_UNIT, group->members[holder]) &&
                 device_phase(engine->units[group->members[holder]].device) == DEVICE_CONFIRMED;
    interlock_doubt(group->interlock, keeps);
    /* What has no feedback is only known to be off once it was told so. */
    for (size_t i = 0; i < group->count; i++) {
        struct device *device = engine->units[group->members[i]].device;
        if (!(keeps && i == holder) && !device_has_feedback(device)) {
            device_forget(device);
        }
    }
}

static void doubt_all(struct engine *engine, const struct engine_memory *memory, int64_t offset_us,
                      int64_t now_us)
{
    int64_t alive_us = memory->alive_us - offset_us;
    bool long_ago = now_us - alive_us > memory->integral_max_us;
    if (!memory->inputs_known) {
        doubt_inputs(engine, memory, alive_us, now_us);
    }
    for (size_t i = 0; i < engine->unit_count; i++) {
        device_expect_strays(engine->units[i].device, now_us);
        if (is_restored(engine, AGENDA_UNIT, i)) {
            device_doubt(engine->units[i].device, now_us);
        }
    }
    for (size_t i = 0; i < engine->group_count; i++) {
        doubt_group(engine, i);
    }
    for (size_t i = 0; i < engine->controller_count; i++) {
        if (engine->controllers[i].pid != NULL && is_restored(engine, AGENDA_CONTROLLER, i)) {
            pid_doubt(engine->controllers[i].pid, long_ago);
        }
    }
}

/* ---- who wishes what ---- */

static void offer(struct engine *engine, const struct seat *seat, const struct proposal *proposal)
{
    if (proposal->value.kind != VALUE_NONE) {
        engine_vote(engine, seat, proposal, DEADLINE_NONE);
    }
}

/* Only what begins anew says by itself what it wishes. */
static void offer_again(struct engine *engine)
{
    for (size_t i = 0; i < engine->rule_count; i++) {
        if (is_restored(engine, AGENDA_RULE, i)) {
            offer(engine, &engine->rules[i].seat, level_rule_proposal(engine->rules[i].rule));
        }
    }
    for (size_t i = 0; i < engine->controller_count; i++) {
        const struct controller_unit *c = &engine->controllers[i];
        if (is_restored(engine, AGENDA_CONTROLLER, i)) {
            for (size_t seat = 0; seat < c->seat_count; seat++) {
                offer(engine, &c->seats[seat], controller_proposal(c, seat));
            }
        }
    }
}

/* What a rule had set that is another one now, or gone, is taken back. */
static void drop_actions_of_others(struct engine *engine, struct device_unit *unit)
{
    if (unit->action_rule == ENGINE_NO_RULE ||
        !is_restored(engine, AGENDA_EVENT, unit->action_rule)) {
        unit->action_rule = ENGINE_NO_RULE;
        arbiter_withdraw(unit->arbiter, unit->action_slot);
    }
}

void engine_restore(struct engine *engine, const struct engine_memory *memory, int64_t now_us)
{
    struct record_book *book = engine->book;
    int64_t offset_us = offset_of(memory, now_us);
    bool has_clock = memory->wall_us != EXPRESSION_NO_CLOCK;
    book->offset_us = has_clock ? memory->wall_us - now_us : offset_us;
    for (size_t i = 0; i < memory->count; i++) {
        load(engine, &memory->records[i], offset_us);
    }
    if (memory->after_stop) {
        doubt_all(engine, memory, offset_us, now_us);
        book->uncertain = has_clock ? NULL : memory;
    }
    book->handing_over = !memory->after_stop;
    engine->clock_is_set = has_clock; /* before anybody asks for the time of day */
    engine->wall_offset_us = has_clock ? book->offset_us : 0;
    engine->now_us = now_us;
    offer_again(engine);
    engine_clear_orphaned_alarms(engine);
    engine_resume_groups(engine);
    for (size_t i = 0; i < engine->unit_count; i++) {
        drop_actions_of_others(engine, &engine->units[i]);
        if (is_restored(engine, AGENDA_UNIT, i)) {
            arbiter_resume(engine->units[i].arbiter, now_us);
        }
    }
}

static void correct(struct engine *engine, const struct engine_memory *memory)
{
    struct record_book *book = engine->book;
    for (size_t i = 0; i < memory->count; i++) {
        struct archive a;
        size_t item = engine_find_record(engine, &memory->records[i]);
        if (item != SIZE_MAX && book->restored[item] &&
            archive_correct(&a, memory->records[i].data, memory->records[i].length, book->offset_us,
                            engine->wall_offset_us) == 0) {
            engine_archive(engine, item, &a);
        }
    }
}

bool engine_set_record_clock(struct engine *engine)
{
    struct record_book *book = engine->book;
    const struct engine_memory *uncertain = book->uncertain;
    int64_t moved_us = engine->wall_offset_us - book->offset_us;
    bool late = uncertain != NULL && moved_us > 0; /* else no time has passed */
    if (late) {
        correct(engine, uncertain);
        for (size_t i = 0; i < engine->unit_count; i++) {
            engine_mark_unsettled(engine, i);
        }
    }
    book->uncertain = NULL;
    if (moved_us == 0) {
        return false;
    }
    bool jumped = moved_us > JUMP_US || moved_us < -JUMP_US;
    book->offset_us = engine->wall_offset_us;
    for (size_t i = 0; i < book->count; i++) {
        engine_note_record(engine, i, jumped ? RECORD_DUE_NOW : RECORD_DUE_LATER);
    }
    return late;
}

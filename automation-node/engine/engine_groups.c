/* Interlocks: what other devices forbid. */
#include "automation-node/engine/engine_groups.h"

#include "automation-node/engine/device_proof.h"
#include "automation-node/engine/engine_book.h"
#include "automation-node/input/deadline.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* `forbidden_by`, beside the index of the member that holds the right. */
#define BY_NOBODY (SIZE_MAX - 1) /* nobody holds it yet */
#define ALLOWED   SIZE_MAX

static int add_member(struct engine *engine, const struct engine_options *options, size_t index,
                      size_t device)
{
    struct group_unit *group = &engine->groups[index];
    if (device >= engine->unit_count || engine->units[device].group != ENGINE_NO_GROUP) {
        return -EINVAL;
    }
    const struct engine_device *source = &options->devices[device];
    if (source->fail_safe.kind != VALUE_NONE && !value_equal(&source->fail_safe, &source->off)) {
        return -EINVAL;
    }
    engine->units[device].group = index;
    engine->units[device].forbidden_by = BY_NOBODY;
    group->members[group->count++] = device;
    return 0;
}

void engine_free_groups(struct engine *engine)
{
    for (size_t i = 0; i < engine->group_count; i++) {
        interlock_free(engine->groups[i].interlock);
        free(engine->groups[i].members);
        free(engine->groups[i].states);
    }
    free(engine->groups);
}

static bool is_off(const struct device_unit *unit, const struct value *value)
{
    return value_equal(value, &unit->off);
}

/* `deadline_us` becomes earlier if the state may change by itself. */
static struct interlock_member state_of(const struct engine *engine, const struct device_unit *unit,
                                        int64_t *deadline_us)
{
    struct interlock_member member = {.state = MEMBER_UNKNOWN};
    struct value wanted =
        arbiter_wanted(unit->arbiter, SLOT_INTERLOCK, engine->now_us, &member.priority);
    member.wants_on = wanted.kind != VALUE_NONE && !is_off(unit, &wanted);
    bool settled;
    struct value shown = device_shown_value(unit->device, &settled);
    member.shows_off = shown.kind != VALUE_NONE && is_off(unit, &shown);
    if (shown.kind != VALUE_NONE && !is_off(unit, &shown)) {
        member.state = MEMBER_ON;
    } else if (member.shows_off && settled) {
        int64_t proven_us = device_proven_at(unit->device, &unit->off);
        bool is_proven = proven_us <= engine->now_us;
        member.state = is_proven ? MEMBER_OFF : MEMBER_UNKNOWN;
        *deadline_us = is_proven ? *deadline_us : deadline_earlier(*deadline_us, proven_us);
    }
    return member;
}

static void forbid(struct engine *engine, const struct group_unit *group, size_t member)
{
    struct device_unit *unit = &engine->units[group->members[member]];
    size_t holder = interlock_holder(group->interlock);
    struct proposal proposal = {.value = unit->off};
    memcpy(proposal.cause.source, group->source, sizeof(group->source));
    if (holder == INTERLOCK_NOBODY) {
        cause_explain(&proposal.cause, "the others have to be off for a while first");
    } else {
        cause_explain(&proposal.cause, "another one may be on now");
    }
    engine_vote(engine, &(struct seat){group->members[member], SLOT_INTERLOCK}, &proposal,
                DEADLINE_NONE);
}

int engine_make_group(struct engine *engine, const struct engine_options *options, size_t index)
{
    const struct engine_interlock *source = &options->interlocks[index];
    struct group_unit *group = &engine->groups[index];
    char id[NAME_SIZE];
    int r = name_copy(source->id, sizeof(id), id);
    if (r < 0) {
        return r;
    }
    (void)snprintf(group->source, sizeof(group->source), "interlock:%s", id);
    group->members = calloc(source->device_count + 1, sizeof(*group->members));
    group->states = calloc(source->device_count + 1, sizeof(*group->states));
    if (group->members == NULL || group->states == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; r == 0 && i < source->device_count; i++) {
        r = add_member(engine, options, index, source->devices[i]);
    }
    if (r == 0) {
        r = interlock_new(group->count, source->dead_time_us, &group->interlock);
    }
    if (r < 0) {
        return r;
    }
    group->touched = true;
    for (size_t i = 0; i < group->count; i++) {
        forbid(engine, group, i); /* before anybody has asked for anything */
    }
    return 0;
}

/* True if a member has to be decided anew. */
static bool apply(struct engine *engine, const struct group_unit *group, size_t holder)
{
    bool changed = false;
    for (size_t i = 0; i < group->count; i++) {
        struct device_unit *unit = &engine->units[group->members[i]];
        size_t by = i == holder ? ALLOWED : holder == INTERLOCK_NOBODY ? BY_NOBODY : holder;
        if (unit->forbidden_by == by) {
            continue;
        }
        unit->forbidden_by = by;
        changed = true;
        if (by == ALLOWED) {
            arbiter_withdraw(unit->arbiter, SLOT_INTERLOCK);
            engine_mark_unsettled(engine, group->members[i]);
        } else {
            forbid(engine, group, i);
        }
    }
    return changed;
}

void engine_resume_groups(struct engine *engine)
{
    for (size_t i = 0; i < engine->group_count; i++) {
        (void)apply(engine, &engine->groups[i], interlock_holder(engine->groups[i].interlock));
    }
}

static bool step(struct engine *engine, size_t index)
{
    struct group_unit *group = &engine->groups[index];
    int64_t deadline_us = DEADLINE_NONE;
    group->touched = false;
    for (size_t i = 0; i < group->count; i++) {
        group->states[i] = state_of(engine, &engine->units[group->members[i]], &deadline_us);
    }
    size_t before = interlock_holder(group->interlock);
    size_t holder = interlock_step(group->interlock, group->states, engine->now_us);
    engine_note_record(engine, engine_item(engine, AGENDA_GROUP, index),
                       holder != before ? RECORD_DUE_NOW : RECORD_DUE_LATER);
    agenda_set(engine->agenda, engine_item(engine, AGENDA_GROUP, index),
               deadline_earlier(deadline_us, interlock_next_deadline(group->interlock)));
    return apply(engine, group, holder);
}

bool engine_step_groups(struct engine *engine)
{
    bool changed = false;
    for (size_t i = 0; i < engine->group_count; i++) {
        if (engine->groups[i].touched && step(engine, i)) {
            changed = true;
        }
    }
    return changed;
}

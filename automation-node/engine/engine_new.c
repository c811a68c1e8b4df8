#include "automation-node/engine/engine_alarms.h"
#include "automation-node/engine/engine_book.h"
#include "automation-node/engine/engine_groups.h"
#include "automation-node/engine/engine_new_controllers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int check_device_ids(const struct engine_options *options)
{
    for (size_t i = 0; i < options->device_count; i++) {
        size_t first;
        int r = engine_find_device(options, options->devices[i].device.id, &first);
        if (r < 0) {
            return -EINVAL;
        }
        if (first != i) {
            return -EEXIST;
        }
    }
    return 0;
}

/* --- derived inputs --- */

/* In their order none depends on itself. */
static bool sources_are_ready(const struct engine *engine, const struct engine_derived *source)
{
    for (size_t i = 0; i < source->derived.source_count; i++) {
        size_t input = source->derived.sources[i];
        if (input >= input_table_count(engine->inputs) || input == source->input ||
            (input > source->input && engine->derived[input] != NULL)) {
            return false;
        }
    }
    return true;
}

static int make_derived(struct engine *engine, const struct engine_options *options)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < options->derived_count; i++) {
        const struct engine_derived *source = &options->derived[i];
        bool possible = source->input < input_table_count(engine->inputs) &&
                        engine->derived[source->input] == NULL &&
                        (i == 0 || source->input > options->derived[i - 1].input);
        r = possible ? derived_new(&source->derived, &engine->derived[source->input]) : -EINVAL;
    }
    for (size_t i = 0; r == 0 && i < options->derived_count; i++) {
        r = sources_are_ready(engine, &options->derived[i]) ? 0 : -EINVAL;
    }
    return r;
}

/* --- rules and schedules --- */

static int make_rule(struct engine *engine, const struct engine_options *options, size_t index)
{
    const struct engine_rule *source = &options->rules[index];
    struct rule_unit *rule = &engine->rules[index];
    int r = engine_take_seat(engine, options, source->device, &rule->seat);
    if (r < 0) {
        return r;
    }
    rule->condition = source->rule.condition;
    rule->last_us = INT64_MIN;
    const struct value *when_false = &source->rule.when_false;
    if (!engine_seat_takes(options, &rule->seat, &source->rule.when_true) ||
        (when_false->kind != VALUE_NONE && !engine_seat_takes(options, &rule->seat, when_false))) {
        return -EINVAL;
    }
    return level_rule_new(&source->rule, &rule->rule);
}

/* A device takes it; a controller takes numbers. No value is always possible. */
static bool schedule_may_say(const struct engine_options *options, const struct schedule_unit *unit,
                             const struct value *value)
{
    if (value->kind == VALUE_NONE) {
        return true;
    }
    return unit->has_seat ? engine_seat_takes(options, &unit->seat, value)
                          : value->kind == VALUE_NUMBER;
}

static int make_schedule(struct engine *engine, const struct engine_options *options, size_t index)
{
    const struct engine_schedule *source = &options->schedules[index];
    const struct schedule_options *schedule = &source->schedule;
    struct schedule_unit *unit = &engine->schedules[index];
    unit->has_seat = source->device != NULL;
    int r = unit->has_seat ? engine_take_seat(engine, options, source->device, &unit->seat)
                           : engine_find_controller(options, source->controller, &unit->controller);
    if (r < 0) {
        return r;
    }
    bool possible = schedule_may_say(options, unit, &schedule->otherwise);
    for (size_t i = 0; i < schedule->block_count; i++) {
        possible = possible && schedule_may_say(options, unit, &schedule->blocks[i].value);
    }
    for (size_t i = 0; i < schedule->exception_count; i++) {
        possible = possible && schedule_may_say(options, unit, &schedule->exceptions[i].value);
    }
    return possible ? schedule_new(schedule, &unit->schedule) : -EINVAL;
}

static bool step_is_possible(const struct engine_options *options, const struct step *step)
{
    switch (step->kind) {
    case STEP_SET:
        return step->device < options->device_count &&
               domain_check(&options->devices[step->device].device.domain, &step->value) ==
                   REFUSAL_NONE;
    case STEP_RELEASE:
        return step->device < options->device_count;
    case STEP_PUBLISH:
        return step->message < options->message_count;
    case STEP_RAISE:
    case STEP_CLEAR:
        return step->alarm < options->alarm_count && options->alarms[step->alarm].device == NULL;
    case STEP_DELAY:
    case STEP_WAIT:
    case STEP_JUMP:
    case STEP_JUMP_UNLESS:
    case STEP_REPEAT:
    case STEP_FORK:
    case STEP_JOIN:
    case STEP_END:
    case STEP_KIND_COUNT:
        break;
    }
    return true;
}

static int make_event(struct engine *engine, const struct engine_options *options, size_t index,
                      int64_t now_us)
{
    const struct script *script = &options->events[index].script;
    for (size_t i = 0; i < script->count; i++) {
        if (!step_is_possible(options, &script->steps[i])) {
            return -EINVAL;
        }
    }
    return event_rule_new(&options->events[index], now_us, &engine->events[index]);
}

/* --- devices: after the seats, because those say how many slots an arbiter has --- */

static void fill_classes(const struct engine *engine, size_t unit, enum priority *classes)
{
    classes[SLOT_FAIL_SAFE] = PRIORITY_SAFETY;
    classes[SLOT_INTERLOCK] = PRIORITY_INTERLOCK;
    classes[SLOT_MANUAL] = PRIORITY_MANUAL;
    for (size_t i = 0; i < engine->controller_count; i++) {
        const struct controller_unit *controller = &engine->controllers[i];
        for (size_t seat = 0; seat < controller->seat_count; seat++) {
            if (controller->seats[seat].unit == unit) {
                classes[controller->seats[seat].slot] = PRIORITY_CONTROLLER;
            }
        }
    }
    for (size_t i = 0; i < engine->rule_count; i++) {
        if (engine->rules[i].seat.unit == unit) {
            classes[engine->rules[i].seat.slot] = PRIORITY_RULE;
        }
    }
    for (size_t i = 0; i < engine->schedule_count; i++) {
        if (engine->schedules[i].has_seat && engine->schedules[i].seat.unit == unit) {
            classes[engine->schedules[i].seat.slot] = PRIORITY_SCHEDULE;
        }
    }
    classes[engine->units[unit].action_slot] = PRIORITY_RULE;
}

static int make_arbiter(struct engine *engine, const struct engine_device *source, size_t index)
{
    struct device_unit *unit = &engine->units[index];
    enum priority *classes = calloc(unit->slot_count, sizeof(*classes));
    if (classes == NULL) {
        return -ENOMEM;
    }
    fill_classes(engine, index, classes);
    struct arbiter_options options = {.domain = source->device.domain,
                                      .off = source->off,
                                      .rest = source->rest,
                                      .min_on_us = source->min_on_us,
                                      .min_off_us = source->min_off_us,
                                      .max_on_us = source->max_on_us,
                                      .pause_us = source->pause_us,
                                      .min_change_us = source->min_change_us,
                                      .classes = classes,
                                      .slot_count = unit->slot_count};
    int r = arbiter_new(&options, &unit->arbiter);
    free(classes);
    return r;
}

static int find_required(const struct engine *engine, const struct engine_device *source,
                         struct device_unit *unit)
{
    unit->required = calloc(source->required_count + 1, sizeof(*unit->required));
    if (unit->required == NULL) {
        return -ENOMEM;
    }
    unit->required_count = source->required_count;
    for (size_t i = 0; i < source->required_count; i++) {
        int r = input_table_find(engine->inputs, source->required[i], &unit->required[i]);
        if (r < 0) {
            return r;
        }
    }
    return 0;
}

static int make_unit(struct engine *engine, const struct engine_options *options, size_t index)
{
    const struct engine_device *source = &options->devices[index];
    struct device_unit *unit = &engine->units[index];
    bool needs_fail_safe = source->required_count > 0;
    if (source->manual_for_us < 0 || source->manual_max_us < 0 ||
        (needs_fail_safe &&
         domain_check(&source->device.domain, &source->fail_safe) != REFUSAL_NONE)) {
        return -EINVAL;
    }
    unit->action_slot = unit->slot_count++;
    unit->action_rule = ENGINE_NO_RULE;
    unit->off = source->off;
    unit->group = ENGINE_NO_GROUP;
    unit->alarm = ENGINE_NO_ALARM;
    unit->fail_safe = source->fail_safe;
    unit->lost_input = ENGINE_NO_INPUT;
    unit->manual_for_us = source->manual_for_us;
    unit->manual_max_us = source->manual_max_us;
    struct device_options device = source->device;
    device.has_feedback = source->feedback != NULL;
    int r = device_new(&device, &unit->device);
    if (r == 0) {
        r = make_arbiter(engine, source, index);
    }
    if (r == 0) {
        r = find_required(engine, source, unit);
    }
    return r;
}

/* --- the whole --- */

/* One element more than needed everywhere: nothing of a kind is legal, and calloc(0) may be NULL.
 * The counts are set with the arrays, so that engine_free() may be called at any point. */
static int allocate(struct engine *engine, const struct engine_options *options)
{
    engine->noted_trust = calloc(options->input_count + 1, sizeof(*engine->noted_trust));
    engine->derived = calloc(options->input_count + 1, sizeof(struct derived *));
    size_t controllers = options->thermostat_count + options->pid_count + options->climate_count;
    engine->controllers = calloc(controllers + 1, sizeof(*engine->controllers));
    engine->rules = calloc(options->rule_count + 1, sizeof(*engine->rules));
    engine->events = calloc(options->event_count + 1, sizeof(*engine->events));
    engine->schedules = calloc(options->schedule_count + 1, sizeof(*engine->schedules));
    engine->groups = calloc(options->interlock_count + 1, sizeof(*engine->groups));
    engine->alarms = calloc(options->alarm_count + 1, sizeof(*engine->alarms));
    engine->alarm_events = calloc(ENGINE_ALARM_EVENTS_MAX, sizeof(*engine->alarm_events));
    engine->units = calloc(options->device_count + 1, sizeof(*engine->units));
    engine->ready = calloc(options->device_count + 1, sizeof(*engine->ready));
    engine->dirty = calloc(options->device_count + 1, sizeof(*engine->dirty));
    size_t tellers = options->rule_count + options->event_count + options->schedule_count +
                     controllers + options->alarm_count;
    engine->has_news = calloc(tellers + 1, sizeof(*engine->has_news));
    engine->news = calloc(tellers + 1, sizeof(*engine->news));
    if (engine->noted_trust == NULL || engine->derived == NULL || engine->controllers == NULL ||
        engine->rules == NULL || engine->events == NULL || engine->schedules == NULL ||
        engine->groups == NULL || engine->alarms == NULL || engine->alarm_events == NULL ||
        engine->units == NULL || engine->ready == NULL || engine->dirty == NULL ||
        engine->has_news == NULL || engine->news == NULL) {
        return -ENOMEM;
    }
    engine->calendar = options->calendar;
    engine->message_count = options->message_count;
    engine->controller_count = controllers;
    engine->rule_count = options->rule_count;
    engine->event_count = options->event_count;
    engine->schedule_count = options->schedule_count;
    engine->group_count = options->interlock_count;
    engine->alarm_count = options->alarm_count;
    engine->unit_count = options->device_count;
    for (size_t i = 0; i < engine->unit_count; i++) {
        engine->units[i].slot_count = SLOT_FIRST_FREE;
        engine->units[i].first_follower = ENGINE_NO_CONTROLLER;
    }
    return 0;
}

static int make_parts(struct engine *engine, const struct engine_options *options, int64_t now_us)
{
    for (size_t i = 0; options->stale_open != NULL && i < options->input_count; i++) {
        input_table_at(engine->inputs, i)->stale_is_open = options->stale_open[i];
    }
    int r = make_derived(engine, options);
    r = r == 0 ? engine_new_controllers(engine, options) : r;
    for (size_t i = 0; r == 0 && i < engine->rule_count; i++) {
        r = make_rule(engine, options, i);
    }
    for (size_t i = 0; r == 0 && i < engine->schedule_count; i++) {
        r = make_schedule(engine, options, i);
    }
    for (size_t i = 0; r == 0 && i < engine->unit_count; i++) {
        r = make_unit(engine, options, i);
    }
    for (size_t i = 0; r == 0 && i < engine->group_count; i++) {
        r = engine_make_group(engine, options, i);
    }
    for (size_t i = 0; r == 0 && i < engine->alarm_count; i++) {
        r = engine_make_alarm(engine, options, i, now_us);
    }
    r = r == 0 ? engine_check_climates(engine) : r;
    for (size_t i = 0; r == 0 && i < engine->event_count; i++) {
        r = make_event(engine, options, i, now_us);
    }
    return r;
}

static int build(struct engine *engine, const struct engine_options *options, int64_t now_us)
{
    int r = check_device_ids(options);
    if (r == 0) {
        r = input_table_new(options->inputs, options->input_count, &engine->inputs);
    }
    if (r == 0) {
        r = allocate(engine, options);
    }
    if (r == 0) {
        r = make_parts(engine, options, now_us);
    }
    if (r == 0) {
        r = engine_link_inputs(engine, options);
    }
    if (r == 0) {
        r = agenda_new(engine_item(engine, AGENDA_CONTROLLER, engine->controller_count),
                       &engine->agenda);
    }
    if (r == 0) {
        r = engine_new_book(engine, options);
    }
    return r;
}

int engine_new(const struct engine_options *options, int64_t now_us, struct engine **ret)
{
    struct engine *engine = calloc(1, sizeof(*engine));
    if (engine == NULL) {
        return -ENOMEM;
    }
    int r = build(engine, options, now_us);
    if (r < 0) {
        engine_free(engine);
        return r;
    }
    if (options->memory != NULL) {
        engine_restore(engine, options->memory, now_us);
    }
    engine_start(engine, now_us);
    *ret = engine;
    return 0;
}

void engine_free(struct engine *engine)
{
    if (engine == NULL) {
        return;
    }
    engine_free_controllers(engine);
    for (size_t i = 0; i < engine->rule_count; i++) {
        level_rule_free(engine->rules[i].rule);
    }
    for (size_t i = 0; i < engine->event_count; i++) {
        event_rule_free(engine->events[i]);
    }
    for (size_t i = 0; i < engine->schedule_count; i++) {
        schedule_free(engine->schedules[i].schedule);
    }
    for (size_t i = 0; i < engine->unit_count; i++) {
        device_free(engine->units[i].device);
        arbiter_free(engine->units[i].arbiter);
        free(engine->units[i].required);
    }
    for (size_t i = 0; engine->derived != NULL && i < input_table_count(engine->inputs); i++) {
        derived_free(engine->derived[i]);
    }
    free(engine->derived);
    free(engine->controllers);
    free(engine->rules);
    free(engine->events);
    free(engine->schedules);
    engine_free_groups(engine);
    free(engine->alarms);
    free(engine->alarm_events);
    free(engine->has_news);
    free(engine->news);
    free(engine->units);
    free(engine->ready);
    free(engine->dirty);
    agenda_free(engine->agenda);
    engine_free_book(engine);
    free(engine->noted_trust);
    dependency_free(engine->dependency);
    input_table_free(engine->inputs);
    free(engine);
}

/* How everything is configured, as one number each: what is configured otherwise after a stop or a
 * reload begins anew. Things count by their names, not by their places. */
#include "automation-node/engine/engine_book.h"
#include "automation-node/state/digest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void digest_value(uint64_t *d, const struct value *value)
{
    digest_u64(d, (uint64_t)value->kind);
    digest_double(d, value->number);
    digest_text(d, value->text);
}

static void digest_origin(uint64_t *d, const uint64_t *origins, size_t index)
{
    digest_u64(d, origins != NULL ? origins[index] : 0);
}

static void digest_derived(uint64_t *d, const struct engine_options *options,
                           const struct derived_options *o)
{
    digest_u64(d, (uint64_t)o->kind);
    digest_i64(d, o->span_us);
    digest_value(d, &o->state);
    for (size_t i = 0; i < o->source_count; i++) {
        digest_text(d, options->inputs[o->sources[i]].id);
    }
}

static uint64_t define_input(const struct engine_options *options, size_t index)
{
    const struct input_options *o = &options->inputs[index];
    uint64_t d = DIGEST_EMPTY;
    digest_text(&d, o->unit);
    digest_i64(&d, o->stale_after_us);
    digest_u64(&d, options->stale_open != NULL && options->stale_open[index]);
    digest_origin(&d, options->origins.inputs, index);
    for (size_t i = 0; i < options->derived_count; i++) {
        if (options->derived[i].input == index) {
            digest_derived(&d, options, &options->derived[i].derived);
        }
    }
    return d;
}

static const struct input *inputs_of(const struct engine *engine)
{
    return input_table_count(engine->inputs) > 0 ? input_table_at(engine->inputs, 0) : NULL;
}

static uint64_t define_rule(const struct engine *engine, const struct engine_rule *o)
{
    uint64_t d = DIGEST_EMPTY;
    expression_digest(o->rule.condition, inputs_of(engine), &d);
    digest_value(&d, &o->rule.when_true);
    digest_value(&d, &o->rule.when_false);
    digest_u64(&d, o->rule.enabled);
    digest_text(&d, o->device);
    return d;
}

static void digest_step(uint64_t *d, const struct engine_options *options,
                        const struct input *inputs, const struct step *step)
{
    digest_u64(d, (uint64_t)step->kind);
    if (step->kind == STEP_SET || step->kind == STEP_RELEASE) {
        digest_text(d, options->devices[step->device].device.id);
    }
    if (step->kind == STEP_PUBLISH) {
        digest_origin(d, options->origins.messages, step->message);
    }
    if (step->kind == STEP_RAISE || step->kind == STEP_CLEAR) {
        digest_text(d, options->alarms[step->alarm].id);
        digest_i64(d, step->priority);
        digest_text(d, step->text);
    }
    digest_value(d, &step->value);
    digest_i64(d, step->span_us);
    expression_digest(step->condition, inputs, d);
    digest_u64(d, step->stops);
    digest_u64(d, step->target);
    digest_u64(d, step->count);
    digest_u64(d, step->counter);
    digest_u64(d, step->branch);
}

static void digest_time(uint64_t *d, const struct time_trigger *time)
{
    digest_u64(d, (uint64_t)time->kind);
    digest_text(d, time->text);
    digest_i64(d, time->period_us);
}

static uint64_t define_event(const struct engine *engine, const struct engine_options *options,
                             const struct event_rule_options *o)
{
    const struct input *inputs = inputs_of(engine);
    uint64_t d = DIGEST_EMPTY;
    digest_u64(&d, o->trigger_count);
    for (size_t i = 0; i < o->trigger_count; i++) {
        expression_digest(o->triggers[i], inputs, &d);
    }
    for (size_t i = 0; i < o->time_count; i++) {
        digest_time(&d, &o->times[i]);
    }
    digest_u64(&d, o->catches_up);
    digest_u64(&d, o->at_start);
    expression_digest(o->condition, inputs, &d);
    for (size_t i = 0; i < o->script.count; i++) {
        digest_step(&d, options, inputs, &o->script.steps[i]);
    }
    digest_u64(&d, (uint64_t)o->mode);
    digest_u64(&d, o->max);
    digest_u64(&d, o->enabled);
    return d;
}

static void digest_moment(uint64_t *d, const struct moment *moment)
{
    digest_u64(d, (uint64_t)moment->kind);
    digest_i64(d, moment->second);
    digest_u64(d, moment->weekdays);
}

static void digest_exception(uint64_t *d, const struct schedule_exception *exception)
{
    digest_i64(d, civil_day(exception->first));
    digest_i64(d, civil_day(exception->last));
    digest_u64(d, exception->yearly);
    digest_u64(d, (uint64_t)exception->kind);
    digest_i64(d, exception->weekday);
    digest_value(d, &exception->value);
}

static uint64_t define_schedule(const struct engine_schedule *o)
{
    uint64_t d = DIGEST_EMPTY;
    for (size_t i = 0; i < o->schedule.block_count; i++) {
        digest_moment(&d, &o->schedule.blocks[i].from);
        digest_moment(&d, &o->schedule.blocks[i].to);
        digest_value(&d, &o->schedule.blocks[i].value);
    }
    for (size_t i = 0; i < o->schedule.exception_count; i++) {
        digest_exception(&d, &o->schedule.exceptions[i]);
    }
    digest_value(&d, &o->schedule.otherwise);
    digest_u64(&d, o->schedule.enabled);
    digest_text(&d, o->device);
    digest_text(&d, o->controller);
    return d;
}

static uint64_t define_group(const struct engine_options *options, const struct engine_interlock *o)
{
    uint64_t d = DIGEST_EMPTY;
    for (size_t i = 0; i < o->device_count; i++) {
        digest_text(&d, options->devices[o->devices[i]].device.id);
    }
    digest_i64(&d, o->dead_time_us);
    return d;
}

/* What it says, and how urgently, belongs to the steps that raise it. */
static uint64_t define_alarm(const struct engine_alarm *o)
{
    uint64_t d = DIGEST_EMPTY;
    digest_u64(&d, (uint64_t)o->alarm.ack);
    digest_u64(&d, o->alarm.latches);
    digest_i64(&d, o->alarm.shelve_max_us);
    digest_text(&d, o->device);
    return d;
}

static void digest_domain(uint64_t *d, const struct domain *domain)
{
    for (size_t i = 0; i < domain->label_count; i++) {
        digest_value(d, &domain->labels[i].value);
        digest_value(d, &domain->labels[i].feedback);
    }
    digest_u64(d, domain->numeric);
    digest_double(d, domain->min);
    digest_double(d, domain->max);
    digest_double(d, domain->tolerance);
}

static uint64_t define_unit(const struct engine_options *options, size_t index)
{
    const struct engine_device *o = &options->devices[index];
    uint64_t d = DIGEST_EMPTY;
    digest_domain(&d, &o->device.domain);
    const int64_t spans_us[] = {o->device.confirm_us, o->device.retry_failed_us,
                                o->device.grace_us,   o->min_on_us,
                                o->min_off_us,        o->max_on_us,
                                o->pause_us,          o->min_change_us,
                                o->manual_for_us,     o->manual_max_us};
    digest_bytes(&d, spans_us, sizeof(spans_us));
    digest_u64(&d, o->device.attempts);
    digest_u64(&d, (uint64_t)o->device.on_mismatch);
    digest_text(&d, o->feedback);
    digest_value(&d, &o->off);
    digest_value(&d, &o->rest);
    digest_value(&d, &o->fail_safe);
    for (size_t i = 0; i < o->required_count; i++) {
        digest_text(&d, o->required[i]);
    }
    digest_origin(&d, options->origins.devices, index);
    return d;
}

static uint64_t define_thermostat(const struct engine_thermostat *o)
{
    uint64_t d = DIGEST_EMPTY;
    digest_u64(&d, (uint64_t)o->thermostat.mode);
    digest_double(&d, o->thermostat.setpoint);
    digest_double(&d, o->thermostat.below);
    digest_double(&d, o->thermostat.above);
    digest_value(&d, &o->thermostat.on_value);
    digest_value(&d, &o->thermostat.off_value);
    digest_text(&d, o->input);
    digest_text(&d, o->device);
    return d;
}

static void digest_tuning(uint64_t *d, const struct pid_tuning_options *o)
{
    const double numbers[] = {o->amplitude, o->hysteresis, o->max_deviation};
    digest_bytes(d, numbers, sizeof(numbers));
    digest_i64(d, o->timeout_us);
    digest_u64(d, (uint64_t)o->rule);
    digest_u64(d, o->apply);
}

static uint64_t define_pid(const struct engine_pid *o)
{
    const double numbers[] = {o->pid.setpoint, o->pid.kp,  o->pid.ki,  o->pid.kd,
                              o->pid.min,      o->pid.max, o->pid.step};
    uint64_t d = DIGEST_EMPTY;
    digest_bytes(&d, numbers, sizeof(numbers));
    digest_u64(&d, (uint64_t)o->pid.mode);
    digest_u64(&d, o->pid.cools);
    digest_i64(&d, o->pid.period_us);
    digest_text(&d, o->input);
    digest_text(&d, o->device);
    if (o->pid.tuning.enabled) {
        digest_tuning(&d, &o->pid.tuning);
    }
    if (o->pwm != NULL) {
        const int64_t spans_us[] = {o->pwm->period_us, o->pwm->min_on_us, o->pwm->min_off_us};
        digest_bytes(&d, spans_us, sizeof(spans_us));
        digest_double(&d, o->pwm->full);
        digest_value(&d, &o->pwm->on_value);
        digest_value(&d, &o->pwm->off_value);
    }
    return d;
}

static uint64_t define_climate(const struct engine_climate *o)
{
    const double numbers[] = {o->climate.band.low, o->climate.band.high, o->climate.hysteresis};
    uint64_t d = DIGEST_EMPTY;
    digest_bytes(&d, numbers, sizeof(numbers));
    digest_u64(&d, (uint64_t)o->climate.mode);
    digest_text(&d, o->input);
    for (size_t side = 0; side < CLIMATE_SIDES; side++) {
        digest_value(&d, &o->climate.outputs[side].on_value);
        digest_value(&d, &o->climate.outputs[side].off_value);
        digest_text(&d, o->devices[side]);
    }
    return d;
}

struct definition {
    const char *name;
    uint64_t digest;
};

static struct definition define_controller(const struct engine_options *options, size_t index)
{
    if (index < options->thermostat_count) {
        const struct engine_thermostat *thermostat = &options->thermostats[index];
        return (struct definition){thermostat->thermostat.id, define_thermostat(thermostat)};
    }
    index -= options->thermostat_count;
    if (index < options->pid_count) {
        const struct engine_pid *pid = &options->pids[index];
        return (struct definition){pid->pid.id, define_pid(pid)};
    }
    const struct engine_climate *climate = &options->climates[index - options->pid_count];
    return (struct definition){climate->climate.id, define_climate(climate)};
}

static struct definition define(const struct engine *engine, const struct engine_options *options,
                                size_t item)
{
    size_t index;
    switch (engine_part_of(engine, item, &index)) {
    case AGENDA_INPUT:
        return (struct definition){options->inputs[index].id, define_input(options, index)};
    case AGENDA_RULE:
        return (struct definition){options->rules[index].rule.id,
                                   define_rule(engine, &options->rules[index])};
    case AGENDA_EVENT:
        return (struct definition){options->events[index].id,
                                   define_event(engine, options, &options->events[index])};
    case AGENDA_SCHEDULE:
        return (struct definition){options->schedules[index].schedule.id,
                                   define_schedule(&options->schedules[index])};
    case AGENDA_GROUP:
        return (struct definition){options->interlocks[index].id,
                                   define_group(options, &options->interlocks[index])};
    case AGENDA_ALARM:
        return (struct definition){options->alarms[index].id,
                                   define_alarm(&options->alarms[index])};
    case AGENDA_UNIT:
        return (struct definition){options->devices[index].device.id, define_unit(options, index)};
    case AGENDA_CONTROLLER:
        break;
    }
    return define_controller(options, index);
}

static int by_name(const void *a, const void *b, void *context)
{
    const struct record_book *book = context;
    return strcmp(book->names[*(const size_t *)a], book->names[*(const size_t *)b]);
}

static void sort_part(struct record_book *book, size_t first, size_t count)
{
    for (size_t i = first; i < first + count; i++) {
        book->by_name[i] = i;
    }
    if (count > 0) {
        qsort_r(&book->by_name[first], count, sizeof(book->by_name[0]), by_name, book);
    }
}

int engine_define(struct engine *engine, const struct engine_options *options)
{
    struct record_book *book = engine->book;
    for (size_t item = 0; item < book->count; item++) {
        struct definition definition = define(engine, options, item);
        book->names[item] = strdup(definition.name);
        if (book->names[item] == NULL) {
            return -ENOMEM;
        }
        book->definitions[item] = definition.digest;
    }
    for (int part = 0; part < AGENDA_PARTS; part++) {
        size_t first = engine_item(engine, (enum agenda_part)part, 0);
        bool last = part == AGENDA_CONTROLLER;
        size_t end = last ? book->count : engine_item(engine, (enum agenda_part)(part + 1), 0);
        sort_part(book, first, end - first);
    }
    return 0;
}

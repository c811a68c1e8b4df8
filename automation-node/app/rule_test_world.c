#include "automation-node/app/rule_test_world.h"

#include "automation-node/input/deadline.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int world_init(struct world *world, const struct node_plan *plan)
{
    const struct engine_options *options = &plan->engine;
    *world = (struct world){.plan = plan};
    world->inputs = calloc(options->input_count + 1, sizeof(*world->inputs));
    world->devices = calloc(options->device_count + 1, sizeof(*world->devices));
    world->rules = calloc(options->rule_count + options->event_count + 1, sizeof(*world->rules));
    world->messages = calloc(options->message_count + 1, sizeof(*world->messages));
    world->alarms = calloc(options->alarm_count + 1, sizeof(*world->alarms));
    if (world->inputs == NULL || world->devices == NULL || world->rules == NULL ||
        world->messages == NULL || world->alarms == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < options->input_count; i++) {
        world->inputs[i].repeat_us = DEADLINE_NONE;
    }
    int r = engine_new(options, 0, &world->engine);
    if (r == 0) {
        world_carry_out(world);
    }
    return r;
}

void world_deinit(struct world *world)
{
    engine_free(world->engine);
    free(world->inputs);
    free(world->devices);
    free(world->rules);
    free(world->messages);
    free(world->alarms);
}

/* What its feedback shows when the device has that value. */
static struct value feedback_of(const struct domain *domain, const struct value *value)
{
    for (size_t i = 0; i < domain->label_count; i++) {
        const struct domain_label *label = &domain->labels[i];
        if (label->feedback.kind != VALUE_NONE && value_equal(&label->value, value)) {
            return label->feedback;
        }
    }
    return *value;
}

static bool find_feedback(const struct world *world, size_t device, size_t *ret_input)
{
    const struct engine_options *options = &world->plan->engine;
    const char *feedback = options->devices[device].feedback;
    for (size_t i = 0; feedback != NULL && i < options->input_count; i++) {
        if (strcmp(options->inputs[i].id, feedback) == 0) {
            *ret_input = i;
            return true;
        }
    }
    return false;
}

static void note_reading(struct world *world, size_t input, const struct reading *reading)
{
    int64_t stale_us = world->plan->engine.inputs[input].stale_after_us;
    bool silent = reading->quality == QUALITY_GOOD && reading->value.kind == VALUE_NONE;
    world->inputs[input].reading = *reading;
    world->inputs[input].repeat_us =
        silent || stale_us == 0 ? DEADLINE_NONE : deadline_after(world->now_us, stale_us / 3 + 1);
    if (!silent) {
        engine_input(world->engine, input, reading, world->now_us);
    }
}

static void obey(struct world *world, size_t device, const struct value *value)
{
    size_t input;
    if (world->devices[device].stuck || !find_feedback(world, device, &input)) {
        return;
    }
    const struct domain *domain = &world->plan->engine.devices[device].device.domain;
    const struct reading reading = {.value = feedback_of(domain, value), .quality = QUALITY_GOOD};
    note_reading(world, input, &reading);
}

static void carry_out(struct world *world, const struct engine_output *output)
{
    switch (output->kind) {
    case ENGINE_COMMAND:
        obey(world, output->device, &output->command.value);
        break;
    case ENGINE_STATE:
        world->devices[output->device].state = output->state;
        break;
    case ENGINE_RULE_STATE:
        world->rules[output->rule] = output->rule_state;
        break;
    case ENGINE_MESSAGE:
        world->messages[output->message]++;
        break;
    case ENGINE_ALARM_STATE:
        world->alarms[output->alarm] = output->alarm_state.status;
        break;
    case ENGINE_ALARM_EVENT:
    case ENGINE_RULE_TRACE:
    case ENGINE_SCHEDULE_STATE:
    case ENGINE_CONTROLLER_STATE:
        break;
    }
}

void world_carry_out(struct world *world)
{
    struct engine_output output;
    while (engine_take(world->engine, &output)) {
        carry_out(world, &output);
    }
}

void world_show(struct world *world, size_t input, const struct reading *reading)
{
    note_reading(world, input, reading);
    world_carry_out(world);
}

/* The input that shows its value again first. */
static size_t next_repeat(const struct world *world, int64_t *ret_us)
{
    size_t first = 0;
    *ret_us = DEADLINE_NONE;
    for (size_t i = 0; i < world->plan->engine.input_count; i++) {
        if (world->inputs[i].repeat_us < *ret_us) {
            *ret_us = world->inputs[i].repeat_us;
            first = i;
        }
    }
    return first;
}

void world_wait_until(struct world *world, int64_t until_us)
{
    for (;;) {
        int64_t repeat_us;
        size_t input = next_repeat(world, &repeat_us);
        int64_t due_us = deadline_earlier(engine_next_deadline(world->engine), repeat_us);
        if (due_us > until_us) {
            break;
        }
        world->now_us = due_us > world->now_us ? due_us : world->now_us;
        if (repeat_us <= world->now_us) {
            struct reading again = world->inputs[input].reading;
            world_show(world, input, &again);
        }
        engine_tick(world->engine, world->now_us);
        world_carry_out(world);
    }
    world->now_us = until_us > world->now_us ? until_us : world->now_us;
}

void world_set_clock(struct world *world, int64_t wall_us)
{
    world->clock_is_set = true;
    world->wall_offset_us = wall_us - world->now_us;
    engine_set_clock(world->engine, wall_us, world->now_us);
    world_carry_out(world);
}

#include "automation-node/app/simulation.h"

#include "automation-node/engine/engine_inspect.h"
#include "automation-node/input/deadline.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LOSERS_SIZE 512

struct device {
    bool has_feedback;
    size_t feedback;    /* input */
    struct value shown; /* by its feedback */
    int64_t obeys_us;   /* when it does what it was told; DEADLINE_NONE = it has */
    int64_t repeats_us; /* when its feedback comes again */
    struct value told;
    char source[CAUSE_SOURCE_SIZE];
    bool is_on;
    bool is_fail_safe;
    int64_t since_us; /* of on or off */
    int64_t safe_since_us;
    struct simulated_device account;
};

struct input_account {
    bool is_lost;
    int64_t since_us;
    bool has_limits;
    double low;
    double high;
    bool is_outside;
    int64_t outside_since_us;
    struct simulated_input account;
};

struct alarm_account {
    int64_t since_us; /* while it is active */
    struct simulated_alarm account;
};

struct simulation {
    struct simulation_options options;
    struct engine *engine;
    bool has_begun;
    int64_t start_us; /* wall clock of the first reading */
    int64_t now_us;   /* since then: the engine's time */
    struct device *devices;
    struct input_account *inputs;
    struct alarm_account *alarms;
    uint64_t messages;
};

static const struct engine_options *engine_of(const struct simulation *s)
{
    return &s->options.plan->engine;
}

/* ---- accounts ---------------------------------------------------------------------------- */

static void add_on(struct device *device, int64_t now_us)
{
    int64_t span_us = now_us - device->since_us;
    device->account.on_us += span_us;
    if (span_us > device->account.longest_on_us) {
        device->account.longest_on_us = span_us;
    }
}

static void count_switch(struct simulation *s, struct device *device, bool is_on, bool is_first)
{
    device->account.switches += is_first ? 0 : 1;
    if (device->is_on == is_on) {
        return;
    }
    if (device->is_on) {
        add_on(device, s->now_us);
    }
    device->account.starts += is_on ? 1 : 0;
    device->is_on = is_on;
    device->since_us = s->now_us;
}

static void count_safety(struct simulation *s, struct device *device, bool is_safe)
{
    if (device->is_fail_safe && !is_safe) {
        device->account.failed_safe_us += s->now_us - device->safe_since_us;
    }
    if (device->is_fail_safe != is_safe) {
        device->safe_since_us = s->now_us;
    }
    device->is_fail_safe = is_safe;
}

static void note_state(struct simulation *s, size_t index, const struct device_state *state)
{
    struct device *device = &s->devices[index];
    bool same_target = value_equal(&device->told, &state->target);
    if (same_target && strcmp(device->source, state->cause.source) == 0) {
        return;
    }
    if (!same_target) {
        bool is_on = state->target.kind != VALUE_NONE &&
                     !value_equal(&state->target, &engine_of(s)->devices[index].off);
        count_switch(s, device, is_on, device->told.kind == VALUE_NONE);
    }
    count_safety(s, device, state->priority == PRIORITY_SAFETY);
    device->told = state->target;
    memcpy(device->source, state->cause.source, sizeof(device->source));
    if (s->has_begun) {
        char losers[LOSERS_SIZE];
        (void)engine_losers(s->engine, index, losers, sizeof(losers));
        const struct simulated_decision decision = {s->start_us + s->now_us, index, state, losers};
        s->options.decided(s->options.context, &decision);
    }
}

static void count_outside(struct input_account *input, bool is_outside, int64_t now_us)
{
    if (input->is_outside && !is_outside) {
        input->account.outside_us += now_us - input->outside_since_us;
    }
    if (input->is_outside != is_outside) {
        input->outside_since_us = now_us;
    }
    input->is_outside = is_outside;
}

static void note_trust(struct simulation *s, size_t index)
{
    struct input_account *input = &s->inputs[index];
    bool is_lost = input_trust(engine_input_at(s->engine, index), s->now_us) == INPUT_LOST;
    if (input->is_lost && !is_lost) {
        input->account.lost_us += s->now_us - input->since_us;
    }
    if (input->is_lost != is_lost) {
        input->since_us = s->now_us;
    }
    input->is_lost = is_lost;
    if (is_lost) {
        count_outside(input, false, s->now_us); /* nobody knows */
    }
}

static void note_reading(struct input_account *input, const struct reading *reading, int64_t now_us)
{
    struct simulated_input *account = &input->account;
    account->readings++;
    if (reading->quality != QUALITY_GOOD || reading->value.kind != VALUE_NUMBER) {
        return;
    }
    double number = reading->value.number;
    account->min = !account->has_range || number < account->min ? number : account->min;
    account->max = !account->has_range || number > account->max ? number : account->max;
    account->has_range = true;
    if (input->has_limits) {
        count_outside(input, number < input->low || number > input->high, now_us);
    }
}

static void add_active(struct alarm_account *alarm, int64_t now_us)
{
    int64_t span_us = now_us - alarm->since_us;
    alarm->account.active_us += span_us;
    if (span_us > alarm->account.longest_us) {
        alarm->account.longest_us = span_us;
    }
}

static void note_alarm(struct alarm_account *alarm, enum alarm_event event, int64_t now_us)
{
    if (event == ALARM_EVENT_RAISE) {
        alarm->account.raised++;
        alarm->account.is_active = true;
        alarm->since_us = now_us;
    } else if (event == ALARM_EVENT_CLEAR) {
        add_active(alarm, now_us);
        alarm->account.is_active = false;
    }
}

/* ---- devices ----------------------------------------------------------------------------- */

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

static void take_command(struct simulation *s, size_t index, const struct device_command *command)
{
    struct device *device = &s->devices[index];
    if (device->has_feedback) {
        device->shown = feedback_of(&engine_of(s)->devices[index].device.domain, &command->value);
        device->obeys_us = deadline_after(s->now_us, s->options.obey_us);
    }
}

static void carry_out(struct simulation *s)
{
    struct engine_output output;
    while (engine_take(s->engine, &output)) {
        if (output.kind == ENGINE_COMMAND) {
            take_command(s, output.device, &output.command);
        } else if (output.kind == ENGINE_STATE) {
            note_state(s, output.device, &output.state);
        } else if (output.kind == ENGINE_ALARM_EVENT) {
            note_alarm(&s->alarms[output.alarm], output.alarm_event.event, s->now_us);
        } else if (output.kind == ENGINE_MESSAGE) {
            s->messages++;
        }
    }
}

static int64_t device_due(const struct device *device)
{
    return deadline_earlier(device->obeys_us, device->repeats_us);
}

static void show_feedback(struct simulation *s, size_t index)
{
    struct device *device = &s->devices[index];
    const struct reading reading = {
        .value = device->shown, .quality = QUALITY_GOOD, .ts_us = s->start_us + s->now_us};
    int64_t stale_us = engine_of(s)->inputs[device->feedback].stale_after_us;
    device->obeys_us = DEADLINE_NONE;
    device->repeats_us = stale_us > 0 ? deadline_after(s->now_us, stale_us / 3 + 1) : DEADLINE_NONE;
    engine_input(s->engine, device->feedback, &reading, s->now_us);
    carry_out(s);
}

/* ---- time -------------------------------------------------------------------------------- */

/* The first thing that is due; the index of a device, or the number of them for the engine. */
static size_t first_due(const struct simulation *s, int64_t *ret_us)
{
    size_t first = engine_of(s)->device_count;
    *ret_us = engine_next_deadline(s->engine);
    for (size_t i = 0; i < engine_of(s)->device_count; i++) {
        int64_t due_us = device_due(&s->devices[i]);
        if (due_us < *ret_us) {
            *ret_us = due_us;
            first = i;
        }
    }
    return first;
}

static void advance(struct simulation *s, int64_t until_us)
{
    for (;;) {
        int64_t due_us;
        size_t index = first_due(s, &due_us);
        if (due_us > until_us) {
            break;
        }
        s->now_us = due_us > s->now_us ? due_us : s->now_us;
        if (index < engine_of(s)->device_count) {
            show_feedback(s, index);
            continue;
        }
        engine_tick(s->engine, s->now_us);
        carry_out(s);
        for (size_t i = 0; i < s->options.plan->config->input_count; i++) {
            note_trust(s, i);
        }
    }
    s->now_us = until_us > s->now_us ? until_us : s->now_us;
}

static void begin(struct simulation *s, int64_t ts_us)
{
    s->has_begun = true;
    s->start_us = ts_us;
    engine_set_clock(s->engine, ts_us, 0);
    carry_out(s);
}

void simulation_wait_until(struct simulation *simulation, int64_t ts_us)
{
    if (!simulation->has_begun) {
        begin(simulation, ts_us);
    }
    advance(simulation, ts_us - simulation->start_us);
}

void simulation_reading(struct simulation *simulation, size_t input, const struct reading *reading)
{
    struct simulation *s = simulation;
    simulation_wait_until(s, reading->ts_us);
    note_reading(&s->inputs[input], reading, s->now_us);
    engine_input(s->engine, input, reading, s->now_us);
    carry_out(s);
    note_trust(s, input);
}

/* ---- beginning and end ------------------------------------------------------------------- */

static void make_devices(struct simulation *s)
{
    for (size_t i = 0; i < engine_of(s)->device_count; i++) {
        struct device *device = &s->devices[i];
        device->obeys_us = DEADLINE_NONE;
        device->repeats_us = DEADLINE_NONE;
        device->has_feedback = engine_of(s)->devices[i].feedback != NULL;
        device->feedback = device->has_feedback ? s->options.plan->feedbacks[i] : 0;
    }
    for (size_t i = 0; i < engine_of(s)->input_count; i++) {
        s->inputs[i].is_lost = true;
    }
}

int simulation_new(const struct simulation_options *options, struct simulation **ret)
{
    struct simulation *s = calloc(1, sizeof(*s));
    if (s == NULL) {
        return -ENOMEM;
    }
    s->options = *options;
    s->devices = calloc(options->plan->engine.device_count + 1, sizeof(*s->devices));
    s->inputs = calloc(options->plan->engine.input_count + 1, sizeof(*s->inputs));
    s->alarms = calloc(options->plan->engine.alarm_count + 1, sizeof(*s->alarms));
    int r = s->devices != NULL && s->inputs != NULL && s->alarms != NULL
                ? engine_new(&options->plan->engine, 0, &s->engine)
                : -ENOMEM;
    if (r < 0) {
        simulation_free(s);
        return r;
    }
    make_devices(s);
    *ret = s;
    return 0;
}

void simulation_free(struct simulation *simulation)
{
    if (simulation != NULL) {
        engine_free(simulation->engine);
        free(simulation->devices);
        free(simulation->inputs);
        free(simulation->alarms);
        free(simulation);
    }
}

int64_t simulation_span_us(const struct simulation *simulation)
{
    return simulation->now_us;
}

struct simulated_device simulation_device(const struct simulation *simulation, size_t index)
{
    struct device device = simulation->devices[index];
    if (device.is_on) {
        add_on(&device, simulation->now_us);
    }
    if (device.is_fail_safe) {
        device.account.failed_safe_us += simulation->now_us - device.safe_since_us;
    }
    return device.account;
}

struct simulated_input simulation_input(const struct simulation *simulation, size_t input)
{
    const struct input_account *account = &simulation->inputs[input];
    struct simulated_input result = account->account;
    result.lost_us += account->is_lost ? simulation->now_us - account->since_us : 0;
    result.outside_us += account->is_outside ? simulation->now_us - account->outside_since_us : 0;
    return result;
}

struct simulated_alarm simulation_alarm(const struct simulation *simulation, size_t alarm)
{
    struct alarm_account result = simulation->alarms[alarm];
    if (result.account.is_active) {
        add_active(&result, simulation->now_us);
    }
    return result.account;
}

void simulation_set_limits(struct simulation *simulation, size_t input, double low, double high)
{
    struct input_account *account = &simulation->inputs[input];
    account->has_limits = true;
    account->low = low;
    account->high = high;
}

uint64_t simulation_rule_runs(const struct simulation *simulation, size_t rule)
{
    return engine_rule_state(simulation->engine, rule).runs;
}

uint64_t simulation_messages(const struct simulation *simulation)
{
    return simulation->messages;
}

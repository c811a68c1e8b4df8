/*
 * Thousands of random readings, wishes, operator actions and late ticks against a whole engine:
 * whatever happens, only allowed values are commanded, minimum times hold, a dead sensor ends in
 * the fail-safe value, the counters add up, and time never stands still.
 */
#include "automation-node/engine/engine.h"
#include "automation-node/engine/engine_inspect.h"
#include "automation-node/input/deadline.h"
#include "tests/scenario/random.h"
#include "tests/unit/condition_help.h"

#include <errno.h>

#define RUNS        30
#define EVENTS      4000
#define INPUTS      6 /* 0 to 2 measure; 3 to 5 are the feedbacks of the devices */
#define DEVICES     3
#define THERMOSTATS 2
#define RULES       4
#define EVENTS_OF   2 /* rules of events */
#define STALE_US    (20 * SECOND)
#define MIN_ON_US   (15 * SECOND)
#define MIN_OFF_US  (10 * SECOND)

/* A rule of events sets some device, waits for a while, and takes it back. */
struct event_plan {
    const struct expression *trigger;
    struct step steps[3];
};

struct world {
    struct chance chance;
    struct engine *engine;
    struct event_plan events[EVENTS_OF];
    int64_t now_us;
    bool on[DEVICES]; /* as last commanded by the decision */
    bool decided[DEVICES];
    int64_t switched_us[DEVICES];
};

static const char *const input_ids[] = {"a", "b", "c", "x_state", "y_state", "z_state"};
static const char *const device_ids[] = {"x", "y", "z"};

static const struct expression *random_condition(struct world *run,
                                                 const struct input_options *inputs, bool above)
{
    char text[128];
    (void)snprintf(text, sizeof(text), "%s %c %u hysteresis %u for %us",
                   input_ids[chance_below(&run->chance, 3)], above ? '>' : '<',
                   (unsigned)chance_below(&run->chance, 40),
                   (unsigned)chance_below(&run->chance, 5),
                   (unsigned)chance_below(&run->chance, 30));
    return condition_on(inputs, INPUTS, text);
}

static void fill_rules(struct world *run, const struct input_options *inputs,
                       struct engine_rule *rules)
{
    static const char *const ids[] = {"r0", "r1", "r2", "r3"};
    for (size_t i = 0; i < RULES; i++) {
        rules[i] =
            (struct engine_rule){.rule = {.id = ids[i],
                                          .condition = random_condition(run, inputs, i % 2 == 0),
                                          .when_true = label(i < 2 ? "ON" : "OFF"),
                                          .when_false = i % 2 == 0 ? label("OFF") : none(),
                                          .enabled = true},
                                 .device = device_ids[chance_below(&run->chance, DEVICES)]};
    }
}

static void fill_events(struct world *run, const struct input_options *inputs,
                        struct event_plan *plans, struct event_rule_options *events)
{
    static const char *const ids[] = {"e0", "e1"};
    for (size_t i = 0; i < EVENTS_OF; i++) {
        size_t device = chance_below(&run->chance, DEVICES);
        plans[i].trigger = random_condition(run, inputs, i == 0);
        plans[i].steps[0] =
            (struct step){.kind = STEP_SET,
                          .device = device,
                          .value = label(chance_one_in(&run->chance, 2) ? "ON" : "OFF"),
                          .span_us = (int64_t)chance_below(&run->chance, 2) * 10 * SECOND};
        plans[i].steps[1] = (struct step){
            .kind = STEP_DELAY, .span_us = (int64_t)chance_below(&run->chance, 20) * SECOND};
        plans[i].steps[2] = (struct step){.kind = STEP_RELEASE, .device = device};
        enum rule_mode mode = (enum rule_mode)chance_below(&run->chance, RULE_PARALLEL + 1);
        bool alone = mode == RULE_SINGLE || mode == RULE_RESTART;
        events[i] = (struct event_rule_options){.id = ids[i],
                                                .triggers = &plans[i].trigger,
                                                .trigger_count = 1,
                                                .script = {plans[i].steps, 3},
                                                .mode = mode,
                                                .max = alone ? 1 : 3,
                                                .enabled = true};
    }
}

static void fill_thermostats(struct world *run, struct engine_thermostat *thermostats)
{
    static const char *const ids[] = {"t0", "t1"};
    for (size_t i = 0; i < THERMOSTATS; i++) {
        thermostats[i] =
            (struct engine_thermostat){.thermostat = {.id = ids[i],
                                                      .mode = THERMOSTAT_HEAT,
                                                      .setpoint = 20,
                                                      .below = 1,
                                                      .above = 1,
                                                      .on_value = label("ON"),
                                                      .off_value = label("OFF")},
                                       .input = input_ids[chance_below(&run->chance, 3)],
                                       .device = device_ids[i]};
    }
}

/* Device x needs input a; z has no feedback. */
static void fill_devices(struct engine_device *devices)
{
    for (size_t i = 0; i < DEVICES; i++) {
        devices[i] = (struct engine_device){.device = {.id = device_ids[i],
                                                       .domain = on_off(),
                                                       .confirm_us = 3 * SECOND,
                                                       .attempts = 2,
                                                       .grace_us = (int64_t)i * SECOND,
                                                       .retry_failed_us = 30 * SECOND},
                                            .feedback = i < 2 ? input_ids[3 + i] : NULL,
                                            .off = label("OFF"),
                                            .rest = label("OFF"),
                                            .min_on_us = MIN_ON_US,
                                            .min_off_us = MIN_OFF_US,
                                            .required = input_ids,
                                            .required_count = i == 0 ? 1 : 0,
                                            .fail_safe = label("OFF"),
                                            .manual_max_us = 100 * SECOND};
    }
}

/* Minimum times, judged from outside by the decisions alone. */
static void check_times(struct world *run, size_t device)
{
    const struct decision *decision = engine_decision(run->engine, device);
    bool on = strcmp(decision->value.text, "ON") == 0;
    if (run->decided[device] && on != run->on[device]) {
        int64_t lasted_us = run->now_us - run->switched_us[device];
        bool safety_off = !on && decision->priority == PRIORITY_SAFETY;
        assert_true(safety_off || lasted_us >= (on ? MIN_OFF_US : MIN_ON_US));
    }
    if (!run->decided[device] || on != run->on[device]) {
        run->switched_us[device] = run->now_us;
    }
    run->decided[device] = true;
    run->on[device] = on;
}

static void check_all_times(struct world *run)
{
    for (size_t i = 0; i < DEVICES; i++) {
        check_times(run, i);
    }
}

static void start(struct world *run)
{
    struct input_options inputs[INPUTS];
    struct engine_rule rules[RULES];
    struct event_rule_options events[EVENTS_OF];
    struct engine_thermostat thermostats[THERMOSTATS];
    struct engine_device devices[DEVICES];
    for (size_t i = 0; i < INPUTS; i++) {
        inputs[i] = (struct input_options){input_ids[i], NULL, STALE_US};
    }
    fill_rules(run, inputs, rules);
    fill_events(run, inputs, run->events, events);
    fill_thermostats(run, thermostats);
    fill_devices(devices);
    struct engine_options options = {.inputs = inputs,
                                     .input_count = INPUTS,
                                     .thermostats = thermostats,
                                     .thermostat_count = THERMOSTATS,
                                     .rules = rules,
                                     .rule_count = RULES,
                                     .events = events,
                                     .event_count = EVENTS_OF,
                                     .devices = devices,
                                     .device_count = DEVICES};
    assert_int_equal(engine_new(&options, run->now_us, &run->engine), 0);
    check_all_times(run);
}

static void send_reading(struct world *run)
{
    size_t input = chance_below(&run->chance, INPUTS);
    struct reading reading = {.quality = QUALITY_GOOD, .seq = 1};
    if (chance_one_in(&run->chance, 6)) {
        reading.quality = (enum quality)chance_below(&run->chance, QUALITY_COUNT);
    }
    if (input >= 3) {
        reading.value = label(chance_one_in(&run->chance, 2) ? "ON" : "OFF");
    } else if (!chance_one_in(&run->chance, 20)) {
        reading.value = value_number((double)chance_below(&run->chance, 40));
    }
    engine_input(run->engine, input, &reading, run->now_us);
}

static enum refusal expected_refusal(size_t device, const struct wish *wish)
{
    if (device >= DEVICES) {
        return REFUSAL_UNKNOWN_DEVICE;
    }
    if (wish->value.kind == VALUE_NONE) {
        return REFUSAL_NONE;
    }
    if (wish->for_us < 0 || wish->for_us > 100 * SECOND) {
        return REFUSAL_BAD_EXPIRY;
    }
    return strcmp(wish->value.text, "MAYBE") == 0 ? REFUSAL_UNKNOWN_VALUE : REFUSAL_NONE;
}

static void send_wish(struct world *run)
{
    static const char *const values[] = {"ON", "OFF", "MAYBE"};
    struct wish wish = {.value = label(values[chance_below(&run->chance, 3)]),
                        .for_us = (int64_t)chance_below(&run->chance, 120) * SECOND - SECOND};
    if (chance_one_in(&run->chance, 4)) {
        wish.value = none();
    }
    size_t device = chance_below(&run->chance, DEVICES + 1);
    assert_int_equal(engine_wish(run->engine, device, &wish, run->now_us),
                     expected_refusal(device, &wish));
}

static void operate(struct world *run)
{
    if (chance_one_in(&run->chance, 8)) {
        int r =
            engine_run_rule(run->engine, chance_below(&run->chance, RULES + EVENTS_OF),
                            chance_below(&run->chance, 2) == 0 ? NULL : "something", run->now_us);
        assert_true(r == 0 || r == -EPERM || r == -ENOTSUP);
        return;
    }
    if (chance_one_in(&run->chance, 2)) {
        engine_enable_rule(run->engine, chance_below(&run->chance, RULES + EVENTS_OF),
                           chance_one_in(&run->chance, 2), run->now_us);
        return;
    }
    const struct controller_change change = {
        .has_mode = true,
        .mode = chance_one_in(&run->chance, 3) ? CONTROLLER_OFF : CONTROLLER_AUTO,
        .has_setpoint = true,
        .setpoint = (double)chance_below(&run->chance, 40)};
    assert_int_equal(engine_set_controller(run->engine, chance_below(&run->chance, THERMOSTATS),
                                           &change, run->now_us),
                     0);
}

static void check_outputs(struct world *run)
{
    struct engine_output output;
    while (engine_take(run->engine, &output)) {
        if (output.kind == ENGINE_COMMAND) {
            const struct value *value = &output.command.value;
            const struct value *decided = &engine_decision(run->engine, output.device)->value;
            assert_true(strcmp(value->text, "ON") == 0 || strcmp(value->text, "OFF") == 0);
            assert_true(value_equal(value, decided));
        }
    }
    struct engine_stats s = engine_stats(run->engine);
    uint64_t refused = 0;
    for (size_t i = 0; i < REFUSAL_COUNT; i++) {
        refused += s.refused[i];
    }
    assert_int_equal(s.wishes, s.accepted + refused);
    for (size_t i = 0; i < EVENTS_OF; i++) {
        struct event_rule_stats e = event_rule_stats(engine_event_at(run->engine, i));
        assert_int_equal(e.triggers, e.runs + e.dropped + e.prevented + e.waiting);
    }
    assert_int_equal(s.sent, s.confirmed + s.assumed + s.timed_out + s.superseded + s.pending);
}

/* Only after a tick: a sensor may be dead a little longer than nobody has looked. */
static void check_fail_safe(struct world *run)
{
    bool lost = input_trust(engine_input_at(run->engine, 0), run->now_us) == INPUT_LOST;
    const struct decision *decision = engine_decision(run->engine, 0);
    assert_true(lost ==
                (decision->wanted.kind != VALUE_NONE && decision->priority == PRIORITY_SAFETY));
    assert_false(lost && run->on[0]);
}

static void let_time_pass(struct world *run)
{
    run->now_us += (int64_t)chance_below(&run->chance, 5000) * 1000;
    if (chance_one_in(&run->chance, 10)) {
        return; /* a tick that comes late */
    }
    engine_tick(run->engine, run->now_us);
    assert_true(engine_next_deadline(run->engine) > run->now_us);
    check_all_times(run);
    check_fail_safe(run);
}

static void step(struct world *run)
{
    switch (chance_below(&run->chance, 12)) {
    case 0:
        send_wish(run);
        break;
    case 1:
        operate(run);
        break;
    case 2:
    case 3:
    case 4:
        let_time_pass(run);
        break;
    default:
        send_reading(run);
        break;
    }
    check_outputs(run);
    check_all_times(run);
}

static void whatever_happens_the_engine_keeps_its_promises(void **state)
{
    (void)state;
    struct chance chance = chance_new();
    uint64_t sent = 0;
    for (int i = 0; i < RUNS; i++) {
        struct world run = {.chance = chance};
        start(&run);
        for (int event = 0; event < EVENTS; event++) {
            step(&run);
        }
        sent += engine_stats(run.engine).sent;
        chance = run.chance;
        engine_free(run.engine);
    }
    assert_true(sent > RUNS); /* the runs did something */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_happens_the_engine_keeps_its_promises),
    };
    return cmocka_run_group_tests(tests, NULL, free_conditions);
}

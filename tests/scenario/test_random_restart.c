/*
 * Two houses live through the same random readings, wishes, operator actions and times; in one of
 * them the engine is replaced again and again by one that goes on with what the last one
 * remembered. Both decide and command the same.
 *
 * Without a stop (a reload) that is so in every detail. After a stop the readings that the broker
 * had kept come again; until then nothing moves.
 */
#include "automation-node/engine/engine_inspect.h"
#include "automation-node/input/deadline.h"
#include "automation-node/state/digest.h"
#include "tests/scenario/random.h"
#include "tests/scenario/restart.h"
#include "tests/unit/condition_help.h"

#define RUNS      6
#define STEPS     1000
#define NUMBERS   2 /* inputs: numbers, a button, then feedbacks, then what is derived */
#define BUTTON    2
#define FEEDBACKS 3
#define SOURCES   5
#define DERIVED   4
#define INPUTS    (SOURCES + DERIVED)
#define DEVICES   6
#define ALARMS    4 /* two of rules, two of devices */
#define STALE_US  (20 * SECOND)

static const char *const device_ids[] = {"x", "y", "z", "pulses", "heater", "cooler"};
static const char *const required[] = {"a"};
static const struct input_options inputs[INPUTS] = {
    {"a", NULL, STALE_US},       {"b", NULL, STALE_US},       {"button", NULL, 0},
    {"x_state", NULL, STALE_US}, {"y_state", NULL, STALE_US}, {"mean", NULL, STALE_US},
    {"rate", NULL, STALE_US},    {"pressed", NULL, 0},        {"worked", NULL, STALE_US},
};
static const size_t of_mean[] = {0, 1};
static const size_t of_rate[] = {0};
static const size_t of_button[] = {BUTTON};
static const size_t of_x[] = {FEEDBACKS};

static const struct engine_alarm alarms[ALARMS] = {
    {"of_branch", {.shelve_max_us = 60 * SECOND}, 3, NULL},
    {"latching",
     {.ack = ALARM_ACK_ON_RETURN, .latches = true, .shelve_max_us = 60 * SECOND},
     1,
     NULL},
    {"device-x", {.shelve_max_us = 60 * SECOND}, 2, "x"},
    {"device-y", {.ack = ALARM_ACK_NONE}, 2, "y"},
};

/* One of the two houses. */
struct house {
    struct engine *engine;
    struct notebook book;
    struct reading last[SOURCES]; /* as shown last */
    int64_t shown_us[SOURCES];
    uint64_t commands[DEVICES]; /* digest of all so far; two at one instant have no order */
    unsigned command_count;
};

struct world {
    struct chance chance;
    struct engine_options options;
    struct engine_derived derived[DERIVED];
    struct engine_rule rules[4];
    struct event_rule_options events[2];
    struct step steps[2][14];
    const struct expression *triggers[2];
    const struct expression *condition;
    struct time_trigger period;
    struct engine_thermostat thermostat;
    struct engine_pid pid;
    struct pwm_options pwm;
    struct engine_climate climate;
    struct engine_interlock interlock;
    struct engine_device devices[DEVICES];
    struct house houses[2]; /* the second one is restarted */
    bool ran_otherwise;     /* a rule of events ran in one of them only: see restart() */
    int64_t now_us;
    unsigned tunings; /* that began */
};

static const struct expression *on(const char *text)
{
    return condition_on(inputs, INPUTS, text);
}

static void fill_derived(struct world *w)
{
    const struct derived_options options[DERIVED] = {
        {.kind = DERIVED_MEAN, .sources = of_mean, .source_count = 2},
        {.kind = DERIVED_RATE, .sources = of_rate, .source_count = 1, .span_us = 60 * SECOND},
        {.kind = DERIVED_TIME, .sources = of_button, .source_count = 1, .state = label("down")},
        {.kind = DERIVED_TIME,
         .sources = of_x,
         .source_count = 1,
         .span_us = 120 * SECOND,
         .state = label("ON")}};
    for (size_t i = 0; i < DERIVED; i++) {
        w->derived[i] = (struct engine_derived){SOURCES + i, options[i]};
    }
}

static void fill_rules(struct world *w)
{
    static const char *const ids[] = {"r0", "r1", "r2", "r3"};
    static const char *const conditions[] = {
        "a > 20 hysteresis 4 for 12s", "b < 12 hysteresis 3", "(button is down for 5s) or a > 35",
        "((mean > 22 for 3s) and rate > 0) or pressed > 9 or worked > 60"};
    for (size_t i = 0; i < 4; i++) {
        w->rules[i] = (struct engine_rule){.rule = {.id = ids[i],
                                                    .condition = on(conditions[i]),
                                                    .when_true = label(i == 1 ? "OFF" : "ON"),
                                                    .when_false = i == 0 ? label("OFF") : none(),
                                                    .enabled = true},
                                           .device = device_ids[i < 3 ? i : 2]};
    }
}

static void fill_events(struct world *w)
{
    w->triggers[0] = on("button changed or (b > 30 for 4s)");
    w->triggers[1] = on("a falling and a < 10");
    w->condition = on("b > 5 for 2s");
    struct step *s = w->steps[0];
    s[0] =
        (struct step){.kind = STEP_SET, .device = 1, .value = label("ON"), .span_us = 9 * SECOND};
    s[1] = (struct step){.kind = STEP_FORK, .branch = 1, .target = 4};
    s[2] = (struct step){.kind = STEP_FORK, .branch = 2, .target = 8};
    s[3] = (struct step){.kind = STEP_JOIN, .target = 12};
    s[4] = (struct step){.kind = STEP_DELAY, .span_us = 7 * SECOND}; /* branch 1 */
    s[5] = (struct step){.kind = STEP_REPEAT, .count = 2, .target = 7};
    s[6] = (struct step){.kind = STEP_JUMP, .target = 4};
    s[7] = (struct step){.kind = STEP_END};
    s[8] = (struct step){/* branch 2 */
                         .kind = STEP_WAIT,
                         .condition = on("b > 20 for 3s"),
                         .span_us = 20 * SECOND};
    s[9] = (struct step){.kind = STEP_RAISE, .alarm = 0, .priority = 2, .text = "b"};
    s[10] = (struct step){.kind = STEP_DELAY, .span_us = 5 * SECOND};
    s[11] = (struct step){.kind = STEP_END};
    s[12] = (struct step){.kind = STEP_SET, .device = 2, .value = label("ON")};
    s[13] = (struct step){.kind = STEP_CLEAR, .alarm = 0};
    s = w->steps[1];
    s[0] = (struct step){.kind = STEP_SET, .device = 0, .value = label("OFF")};
    s[1] = (struct step){.kind = STEP_RAISE, .alarm = 1, .priority = 4};
    s[2] = (struct step){
        .kind = STEP_WAIT, .condition = on("a > 15 for 6s"), .span_us = 40 * SECOND, .stops = true};
    s[3] = (struct step){.kind = STEP_RELEASE, .device = 0};
    s[4] = (struct step){.kind = STEP_RELEASE, .device = 2};
    s[5] = (struct step){.kind = STEP_CLEAR, .alarm = 1};
    w->period =
        (struct time_trigger){.kind = TIME_PERIOD, .text = "again", .period_us = 61 * SECOND};
    w->events[0] = (struct event_rule_options){.id = "e0",
                                               .triggers = &w->triggers[0],
                                               .trigger_count = 1,
                                               .condition = w->condition,
                                               .script = {w->steps[0], 14},
                                               .mode = RULE_QUEUED,
                                               .max = 3,
                                               .enabled = true};
    w->events[1] = (struct event_rule_options){.id = "e1",
                                               .triggers = &w->triggers[1],
                                               .trigger_count = 1,
                                               .times = &w->period,
                                               .time_count = 1,
                                               .script = {w->steps[1], 6},
                                               .mode = RULE_RESTART,
                                               .max = 1,
                                               .enabled = true};
}

/* x is confirmed and needs a; y is confirmed; the others are not. */
static void fill_devices(struct world *w)
{
    static const char *const feedbacks[DEVICES] = {"x_state", "y_state"};
    for (size_t i = 0; i < DEVICES; i++) {
        w->devices[i] = (struct engine_device){.device = {.id = device_ids[i],
                                                          .domain = on_off(),
                                                          .confirm_us = 3 * SECOND,
                                                          .attempts = 2,
                                                          .grace_us = (int64_t)i * SECOND,
                                                          .retry_failed_us = 30 * SECOND},
                                               .feedback = feedbacks[i],
                                               .off = label("OFF"),
                                               .rest = i == 2 ? none() : label("OFF"),
                                               .min_on_us = 6 * SECOND,
                                               .min_off_us = 4 * SECOND,
                                               .max_on_us = i == 1 ? 50 * SECOND : 0,
                                               .pause_us = 8 * SECOND,
                                               .required = required,
                                               .required_count = i == 0 ? 1 : 0,
                                               .fail_safe = label("OFF"),
                                               .manual_for_us = 25 * SECOND};
    }
}

/* After a stop the terms of a PID controller begin anew but for the integral, a tuning is given up,
 * and interlocks are careful: only without one all goes on. */
static void fill_controllers(struct world *w, bool stops)
{
    static const size_t members[] = {4, 5};
    const struct climate_output output = {label("ON"), label("OFF")};
    w->pwm = (struct pwm_options){.period_us = 40 * SECOND,
                                  .min_on_us = 6 * SECOND,
                                  .min_off_us = 4 * SECOND,
                                  .full = 100,
                                  .on_value = label("ON"),
                                  .off_value = label("OFF")};
    w->pid = (struct engine_pid){.pid = {.id = "p",
                                         .mode = PID_AUTO,
                                         .setpoint = 20,
                                         .kp = 3,
                                         .ki = stops ? 0 : 0.01,
                                         .kd = stops ? 0 : 0.5,
                                         .max = 100,
                                         .period_us = 5 * SECOND,
                                         .tuning = {.enabled = !stops,
                                                    .amplitude = 50,
                                                    .hysteresis = 1,
                                                    .max_deviation = 35,
                                                    .timeout_us = 300 * SECOND,
                                                    .apply = true}},
                                 .pwm = &w->pwm,
                                 .input = "b",
                                 .device = "pulses"};
    w->climate = (struct engine_climate){.climate = {.id = "c",
                                                     .mode = CLIMATE_HEAT_COOL,
                                                     .band = {15, 25},
                                                     .hysteresis = 2,
                                                     .outputs = {output, output}},
                                         .input = "a",
                                         .devices = {"heater", "cooler"}};
    w->interlock = (struct engine_interlock){
        .id = "c", .devices = members, .device_count = 2, .dead_time_us = 9 * SECOND};
    w->options.pids = &w->pid;
    w->options.pid_count = 1;
    w->options.climates = &w->climate;
    w->options.climate_count = stops ? 0 : 1;
    w->options.interlocks = &w->interlock;
    w->options.interlock_count = stops ? 0 : 1;
}

static void fill(struct world *w, bool stops)
{
    fill_derived(w);
    fill_rules(w);
    fill_events(w);
    fill_devices(w);
    w->thermostat = (struct engine_thermostat){.thermostat = {.id = "t",
                                                              .mode = THERMOSTAT_HEAT,
                                                              .setpoint = 20,
                                                              .below = 2,
                                                              .above = 2,
                                                              .on_value = label("ON"),
                                                              .off_value = label("OFF")},
                                               .input = "a",
                                               .device = "x"};
    w->options = (struct engine_options){.inputs = inputs,
                                         .input_count = INPUTS,
                                         .derived = w->derived,
                                         .derived_count = DERIVED,
                                         .thermostats = &w->thermostat,
                                         .thermostat_count = 1,
                                         .rules = w->rules,
                                         .rule_count = 4,
                                         .events = w->events,
                                         .event_count = 2,
                                         .alarms = alarms,
                                         .alarm_count = ALARMS,
                                         .devices = w->devices,
                                         .device_count = DEVICES};
    fill_controllers(w, stops);
}

static void listen(struct house *house)
{
    struct engine_output output;
    while (engine_take(house->engine, &output)) {
        if (output.kind == ENGINE_COMMAND) {
            uint64_t *digest = &house->commands[output.device];
            digest_text(digest, output.command.value.text);
            digest_text(digest, output.command.transaction);
            digest_u64(digest, output.command.attempt);
            house->command_count++;
        }
    }
}

static void read_input(struct world *w, size_t input, const struct reading *reading)
{
    for (size_t i = 0; i < 2; i++) {
        struct house *house = &w->houses[i];
        house->last[input] = *reading;
        house->shown_us[input] = w->now_us;
        engine_input(house->engine, input, reading, w->now_us);
        listen(house);
    }
}

static void send_reading(struct world *w)
{
    size_t input = chance_below(&w->chance, SOURCES);
    struct reading reading = {.quality = QUALITY_GOOD, .seq = 1 + chance_below(&w->chance, 1000)};
    if (chance_one_in(&w->chance, 12)) {
        reading.quality = (enum quality)chance_below(&w->chance, QUALITY_COUNT);
    }
    if (input < NUMBERS) {
        reading.value = value_number((double)chance_below(&w->chance, 40));
    } else if (input == BUTTON) {
        reading.value = label(chance_one_in(&w->chance, 2) ? "down" : "up");
    } else {
        reading.value = label(chance_one_in(&w->chance, 2) ? "ON" : "OFF");
    }
    read_input(w, input, &reading);
}

static void send_wish(struct world *w)
{
    struct wish wish = {.value = label(chance_one_in(&w->chance, 2) ? "ON" : "OFF"),
                        .for_us = (int64_t)chance_below(&w->chance, 30) * SECOND,
                        .transaction = chance_one_in(&w->chance, 2) ? "\"a \\ wish\"" : NULL};
    if (chance_one_in(&w->chance, 3)) {
        wish.value = none();
    }
    size_t device = chance_below(&w->chance, DEVICES);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(engine_wish(w->houses[i].engine, device, &wish, w->now_us), REFUSAL_NONE);
        listen(&w->houses[i]);
    }
}

/* A set point, a mode, or a tuning that begins or ends. */
static struct controller_change random_change(struct world *w)
{
    struct controller_change change = {.has_setpoint = true,
                                       .setpoint = (double)chance_below(&w->chance, 40)};
    if (chance_one_in(&w->chance, 3)) {
        change.has_mode = true;
        change.mode = chance_one_in(&w->chance, 3) ? CONTROLLER_OFF : CONTROLLER_AUTO;
    } else if (chance_one_in(&w->chance, 2)) {
        change = (struct controller_change){.tuning = CONTROLLER_TUNING_START};
    }
    return change;
}

static void change_controller(struct world *w)
{
    size_t controller = chance_below(&w->chance, 2 + w->options.climate_count);
    const struct controller_change change = random_change(w);
    int results[2];
    for (size_t i = 0; i < 2; i++) {
        results[i] = engine_set_controller(w->houses[i].engine, controller, &change, w->now_us);
        listen(&w->houses[i]);
    }
    assert_int_equal(results[0], results[1]);
    w->tunings += results[0] == 0 && change.tuning == CONTROLLER_TUNING_START ? 1 : 0;
}

static void operate(struct world *w)
{
    size_t rule = chance_below(&w->chance, 6);
    bool enabled = !chance_one_in(&w->chance, 4);
    if (chance_one_in(&w->chance, 3)) {
        change_controller(w);
        return;
    }
    for (size_t i = 0; i < 2; i++) {
        engine_enable_rule(w->houses[i].engine, rule, enabled, w->now_us);
        listen(&w->houses[i]);
    }
}

static void operate_alarm(struct world *w)
{
    static const enum alarm_event events[] = {
        ALARM_EVENT_ACK,      ALARM_EVENT_RESET,    ALARM_EVENT_SHELVE,  ALARM_EVENT_UNSHELVE,
        ALARM_EVENT_SUPPRESS, ALARM_EVENT_TAKE_OUT, ALARM_EVENT_RESTORE, ALARM_EVENT_RESTORE};
    size_t alarm = chance_below(&w->chance, ALARMS);
    const struct alarm_action action = {
        .event = events[chance_below(&w->chance, sizeof(events) / sizeof(events[0]))],
        .shelve_us = (int64_t)chance_below(&w->chance, 70) * SECOND,
        .by = "somebody"};
    enum alarm_verdict verdicts[2];
    for (size_t i = 0; i < 2; i++) {
        verdicts[i] = engine_operate_alarm(w->houses[i].engine, alarm, &action, w->now_us);
        listen(&w->houses[i]);
    }
    assert_true(w->ran_otherwise || verdicts[0] == verdicts[1]);
}

static void tick(struct world *w)
{
    for (size_t i = 0; i < 2; i++) {
        engine_tick(w->houses[i].engine, w->now_us);
        listen(&w->houses[i]);
    }
}

static void let_time_pass(struct world *w)
{
    w->now_us += (int64_t)chance_below(&w->chance, 4000) * 1000;
    if (!chance_one_in(&w->chance, 10)) { /* else the tick comes late */
        tick(w);
    }
}

/* An engine that starts does what is due, so the other one does that, too. */
static void replace(struct world *w, bool after_stop)
{
    struct house *house = &w->houses[1];
    tick(w);
    notebook_write(&house->book, house->engine, true, w->now_us);
    engine_free(house->engine);
    house->engine = notebook_resume(&house->book, &w->options, after_stop, 0, w->now_us);
    listen(house);
}

/* Its feedback shows something else, and the time for which it may is running. */
static bool left_target(const struct world *w, size_t device)
{
    if (w->devices[device].feedback == NULL) {
        return false;
    }
    const struct value *shown = &engine_input_at(w->houses[0].engine, FEEDBACKS + device)->value;
    return !value_equal(shown, &engine_decision(w->houses[0].engine, device)->value);
}

static bool has_unconfirmed_device(const struct world *w)
{
    for (size_t i = 0; i < DEVICES; i++) {
        enum device_phase phase = engine_device_phase(w->houses[0].engine, i);
        if (phase == DEVICE_FAILED || phase == DEVICE_PENDING || left_target(w, i)) {
            return true;
        }
    }
    return false;
}

static bool has_bad_reading(const struct world *w)
{
    for (size_t i = 0; i < SOURCES; i++) {
        enum quality quality = w->houses[0].last[i].quality;
        if (quality != QUALITY_GOOD && quality != QUALITY_STALE) {
            return true;
        }
    }
    return false;
}

/* What the broker had kept comes again, unless it was too old. Some things are not the same then,
 * and are left out: a command under way gets more time; a device that has failed, or left its
 * target, is told again when its feedback returns; the first good reading is no change, also when
 * bad ones come before. */
static void restart(struct world *w)
{
    tick(w);
    if (has_unconfirmed_device(w) || has_bad_reading(w)) {
        return;
    }
    replace(w, true);
    for (size_t i = 0; i < SOURCES; i++) {
        const struct house *house = &w->houses[0];
        bool shown = house->last[i].seq != 0;
        if (shown && (i == BUTTON || w->now_us < house->shown_us[i] + STALE_US)) {
            struct reading again = house->last[i];
            read_input(w, i, &again);
        }
    }
}

/* A first reading after a restart is no change, so that no rule runs by it; what that would have
 * raised is another matter from then on. */
static bool run_alike(const struct world *w)
{
    bool alike = !w->ran_otherwise;
    for (size_t i = 0; i < w->options.event_count; i++) {
        alike = alike && event_rule_stats(engine_event_at(w->houses[0].engine, i)).runs ==
                             event_rule_stats(engine_event_at(w->houses[1].engine, i)).runs;
    }
    return alike;
}

static void compare_alarms(const struct world *w)
{
    for (size_t i = 0; i < ALARMS; i++) {
        struct engine_alarm_state a = engine_alarm_state(w->houses[0].engine, i);
        struct engine_alarm_state b = engine_alarm_state(w->houses[1].engine, i);
        assert_int_equal(a.status, b.status);
        assert_true(a.since_us == b.since_us);
        assert_true(a.until_us == b.until_us);
        assert_int_equal(a.priority, b.priority);
        assert_string_equal(a.text, b.text);
        assert_string_equal(a.by, b.by);
    }
}

static void compare(struct world *w, bool stops)
{
    for (size_t i = 0; i < DEVICES; i++) {
        const struct decision *a = engine_decision(w->houses[0].engine, i);
        const struct decision *b = engine_decision(w->houses[1].engine, i);
        assert_string_equal(a->value.text, b->value.text);
        assert_string_equal(a->cause.source, b->cause.source);
        assert_int_equal(a->priority, b->priority);
        assert_true(a->until_us == b->until_us);
        assert_true(w->houses[0].commands[i] == w->houses[1].commands[i]);
    }
    assert_int_equal(w->houses[0].command_count, w->houses[1].command_count);
    w->ran_otherwise = !run_alike(w);
    if (!(stops && w->ran_otherwise)) {
        compare_alarms(w);
    }
}

static void step(struct world *w, bool stops)
{
    switch (chance_below(&w->chance, 13)) {
    case 0:
        send_wish(w);
        break;
    case 1:
        operate(w);
        break;
    case 2:
    case 3:
    case 4:
        let_time_pass(w);
        break;
    case 5:
        if (!stops) {
            replace(w, false);
        } else if (chance_one_in(&w->chance, 4)) {
            restart(w);
        }
        break;
    case 6:
        operate_alarm(w);
        break;
    default:
        send_reading(w);
        break;
    }
    compare(w, stops);
}

static unsigned live(struct chance *chance, bool stops, unsigned *tunings)
{
    struct world w = {.chance = *chance, .now_us = 1000 * SECOND};
    fill(&w, stops);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(engine_new(&w.options, w.now_us, &w.houses[i].engine), 0);
        listen(&w.houses[i]);
    }
    for (int i = 0; i < STEPS; i++) {
        step(&w, stops);
    }
    unsigned commands = w.houses[0].command_count;
    *tunings += w.tunings;
    for (size_t i = 0; i < 2; i++) {
        engine_free(w.houses[i].engine);
        notebook_close(&w.houses[i].book);
    }
    *chance = w.chance;
    return commands;
}

static void live_many_times(bool stops)
{
    struct chance chance = chance_new();
    unsigned commands = 0;
    unsigned tunings = 0;
    for (int i = 0; i < RUNS; i++) {
        commands += live(&chance, stops, &tunings);
        (void)free_conditions(NULL);
    }
    print_message("%u commands in each house, %u auto-tunings\n", commands, tunings);
    assert_true(commands > 10 * RUNS); /* the houses did something */
    assert_true(stops || tunings > 0);
}

static void a_reload_changes_nothing(void **state)
{
    (void)state;
    live_many_times(false);
}

static void a_restart_changes_nothing(void **state)
{
    (void)state;
    live_many_times(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reload_changes_nothing),
        cmocka_unit_test(a_restart_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, free_conditions);
}

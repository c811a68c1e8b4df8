/*
 * What users of other engines have complained of for years, each with the number it has in our list
 * of complaints, and what happens here instead: restarts and reloads.
 */
#include "tests/scenario/home.h"

static uint64_t runs(const struct home *home)
{
    uint64_t count = 0;
    for (size_t i = 0; i < home->options.event_count; i++) {
        count += event_rule_stats(engine_event_at(home->house.engine, i)).runs;
    }
    return count;
}

/* 1: `for` is lost on a restart or reload. */
static void complaint_1_a_for_goes_on_over_a_restart_and_a_reload(void **state)
{
    (void)state;
    for (int reload = 0; reload < 2; reload++) {
        const struct engine_rule rule = house_rule("r", "temperature > 25 for 10min", "fan");
        struct home home = {.options = {.rules = &rule, .rule_count = 1}};
        home_open(&home);
        house_see_number(&home.house, TEMPERATURE, 20);
        house_keep_seeing(&home.house, TEMPERATURE, 26, 8 * MINUTE);
        home_stop(&home);
        home_go_on(&home, reload == 0, reload == 0 ? 10 * SECOND : 0);
        house_keep_seeing(&home.house, TEMPERATURE, 27, 100 * SECOND);
        assert_shown(&home.house, FAN, "OFF");
        house_keep_seeing(&home.house, TEMPERATURE, 27, 20 * SECOND);
        assert_shown(&home.house, FAN, "ON");
        home_close(&home);
    }
}

/* 2: editing any automation reloads all, and a heater stays on for ever. */
static void complaint_2_editing_one_rule_stops_no_other(void **state)
{
    (void)state;
    static const char *const ids[] = {"boost", "other"};
    const struct expression *triggers[] = {house_condition("button changed"),
                                           house_condition("door changed")};
    const struct step steps[] = {{.kind = STEP_SET, .device = HEATER, .value = label("ON")},
                                 {.kind = STEP_DELAY, .span_us = 10 * MINUTE},
                                 {.kind = STEP_RELEASE, .device = HEATER}};
    struct event_rule_options events[2];
    for (size_t i = 0; i < 2; i++) {
        events[i] = (struct event_rule_options){.id = ids[i],
                                                .triggers = &triggers[i],
                                                .trigger_count = 1,
                                                .script = {steps, 3},
                                                .max = 1,
                                                .enabled = true};
    }
    struct home home = {.options = {.events = events, .event_count = 2}};
    home_open(&home);
    house_see(&home.house, BUTTON, value_number(1));
    house_see(&home.house, BUTTON, value_number(2));
    assert_shown(&home.house, HEATER, "ON");
    house_wait(&home.house, 9 * MINUTE);
    unsigned commands = home.house.commands[HEATER];
    events[1].mode = RULE_RESTART; /* the other one is edited */
    home_stop(&home);
    home_go_on(&home, false, 0);
    assert_shown(&home.house, HEATER, "ON");
    assert_int_equal(home.house.commands[HEATER], commands);
    house_wait(&home.house, MINUTE);
    assert_shown(&home.house, HEATER, "OFF");
    home_close(&home);
}

/* What the edited rule had set is taken back, so that nothing stays on for ever. */
static void complaint_2_an_edited_rule_leaves_nothing_on(void **state)
{
    (void)state;
    const struct expression *trigger = house_condition("button changed");
    const struct step steps[] = {{.kind = STEP_SET, .device = HEATER, .value = label("ON")}};
    struct event_rule_options event = {.id = "r",
                                       .triggers = &trigger,
                                       .trigger_count = 1,
                                       .script = {steps, 1},
                                       .max = 1,
                                       .enabled = true};
    struct home home = {.options = {.events = &event, .event_count = 1}};
    home_open(&home);
    house_see(&home.house, BUTTON, value_number(1));
    house_see(&home.house, BUTTON, value_number(2));
    assert_shown(&home.house, HEATER, "ON");
    home_stop(&home);
    event.mode = RULE_RESTART;
    home_go_on(&home, false, 0);
    assert_shown(&home.house, HEATER, "OFF");
    home_close(&home);
}

/* 3: `for` shall be told by what was seen before; the idea was stopped. Here a rule that is new
 * knows how long a state has lasted already. */
static void complaint_3_a_new_rule_knows_how_long_a_state_has_lasted(void **state)
{
    (void)state;
    const struct engine_rule rule = house_rule("r", "door is open for 10min", "fan");
    struct home home = {0};
    home_open(&home);
    house_see(&home.house, DOOR, label("open"));
    house_wait(&home.house, 8 * MINUTE);
    home_stop(&home);
    home.options.rules = &rule;
    home.options.rule_count = 1;
    home_go_on(&home, false, 0);
    house_wait(&home.house, 2 * MINUTE - 1);
    assert_shown(&home.house, FAN, "OFF");
    house_wait(&home.house, 1);
    assert_shown(&home.house, FAN, "ON");
    home_close(&home);
}

/* 4: a blip resets "for at least"; a restart is no more than that. */
static void complaint_4_a_restart_is_a_blip(void **state)
{
    (void)state;
    const struct engine_rule rule = house_rule("r", "temperature < 10 for 5min", "fan");
    struct home home = {.options = {.rules = &rule, .rule_count = 1}};
    home_open(&home);
    house_see_number(&home.house, TEMPERATURE, 20);
    for (int minute = 0; minute < 5; minute++) {
        house_keep_seeing(&home.house, TEMPERATURE, 5, 50 * SECOND);
        assert_shown(&home.house, FAN, "OFF");
        home_restart(&home, 10 * SECOND);
    }
    house_see_number(&home.house, TEMPERATURE, 5);
    assert_shown(&home.house, FAN, "ON");
    home_close(&home);
}

static void set_trigger(struct event_rule_options *event, const struct expression **trigger,
                        const struct step *step)
{
    *event = (struct event_rule_options){.id = "e",
                                         .triggers = trigger,
                                         .trigger_count = 1,
                                         .script = {step, 1},
                                         .max = 1,
                                         .enabled = true};
}

/* 5, 16: rules fire after a restart although nothing happened. */
static void complaints_5_and_16_restored_values_fire_nothing(void **state)
{
    (void)state;
    static const char *const texts[] = {"temperature < 18", "button changed", "door is open",
                                        "temperature < 18 for 1min", "temperature falling"};
    const struct step step = {.kind = STEP_DELAY, .span_us = SECOND};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        const struct expression *trigger = house_condition(texts[i]);
        struct event_rule_options event;
        set_trigger(&event, &trigger, &step);
        struct home home = {.options = {.events = &event, .event_count = 1}};
        home_open(&home);
        house_see_number(&home.house, TEMPERATURE, 20);
        house_see(&home.house, DOOR, label("closed"));
        house_see(&home.house, BUTTON, label("up"));
        house_see(&home.house, DOOR, label("open"));
        house_see(&home.house, BUTTON, label("down"));
        house_keep_seeing(&home.house, TEMPERATURE, 15, 2 * MINUTE);
        assert_int_equal(runs(&home), 1);
        home_restart(&home, 10 * SECOND);
        house_see(&home.house, DOOR, label("open"));
        house_see(&home.house, BUTTON, label("up")); /* nobody saw it change */
        house_keep_seeing(&home.house, TEMPERATURE, 15, 2 * MINUTE);
        assert_int_equal(runs(&home), 1);
        home_close(&home);
    }
}

/* 16: on which side of its threshold a rule was is lost at a restart. */
static void complaint_16_a_hysteresis_keeps_its_side(void **state)
{
    (void)state;
    const struct engine_rule rule = house_rule("r", "temperature > 25 hysteresis 4", "fan");
    static const struct {
        double before; /* on the one side, or the other */
        const char *value;
    } rows[] = {{26, "ON"}, {20, "OFF"}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct home home = {.options = {.rules = &rule, .rule_count = 1}};
        home_open(&home);
        house_see_number(&home.house, TEMPERATURE, rows[i].before);
        house_see_number(&home.house, TEMPERATURE, 24);
        assert_shown(&home.house, FAN, rows[i].value);
        home_restart(&home, 10 * SECOND);
        house_see_number(&home.house, TEMPERATURE, 24);
        assert_shown(&home.house, FAN, rows[i].value);
        home_close(&home);
    }
}

/* 7: minimum times are forgotten. */
static void complaint_7_minimum_times_go_on_over_a_restart(void **state)
{
    (void)state;
    struct home home = {0};
    home.devices[HEATER] = house_device("heater");
    home.devices[HEATER].min_off_us = 5 * MINUTE;
    home_open(&home);
    house_wait(&home.house, 10 * MINUTE);
    const struct wish on = {.value = label("ON")};
    const struct wish off = {.value = label("OFF")};
    assert_int_equal(engine_wish(home.house.engine, HEATER, &on, home.house.now_us), 0);
    assert_int_equal(engine_wish(home.house.engine, HEATER, &off, home.house.now_us), 0);
    house_carry_out(&home.house);
    home_restart(&home, MINUTE);
    assert_int_equal(engine_wish(home.house.engine, HEATER, &on, home.house.now_us), 0);
    house_carry_out(&home.house);
    house_wait(&home.house, 4 * MINUTE - 1);
    assert_shown(&home.house, HEATER, "OFF");
    house_wait(&home.house, 1);
    assert_shown(&home.house, HEATER, "ON");
    home_close(&home);
}

/* 9: the fail-safe value does not come if the sensor is missing since the start. */
static void complaint_9_a_sensor_that_does_not_come_back_is_lost(void **state)
{
    (void)state;
    static const char *const required[] = {"temperature"};
    const struct engine_rule rule = house_rule("r", "temperature < 18", "heater");
    struct home home = {.options = {.rules = &rule, .rule_count = 1}};
    home.devices[HEATER] = house_device("heater");
    home.devices[HEATER].required = required;
    home.devices[HEATER].required_count = 1;
    home.devices[HEATER].fail_safe = label("OFF");
    home_open(&home);
    house_see_number(&home.house, TEMPERATURE, 15);
    assert_shown(&home.house, HEATER, "ON");
    home_restart(&home, 10 * SECOND);
    assert_shown(&home.house, HEATER, "ON");
    house_wait(&home.house, 20 * SECOND); /* stale after 30 s */
    assert_shown(&home.house, HEATER, "OFF");
    assert_string_equal(home.house.state[HEATER].cause.source, "fail_safe");
    home_close(&home);
}

static struct engine_pid pid_of_fan(void)
{
    return (struct engine_pid){.pid = {.id = "p",
                                       .mode = PID_AUTO,
                                       .setpoint = 20,
                                       .kp = 1,
                                       .ki = 0.01,
                                       .max = 100,
                                       .period_us = 10 * SECOND},
                               .input = "temperature",
                               .device = "vent"};
}

static void open_pid_home(struct home *home, const struct engine_pid *pid)
{
    home->devices[HEATER] =
        (struct engine_device){.device = {.id = "vent",
                                          .domain = {.numeric = true, .max = 100},
                                          .confirm_us = SECOND,
                                          .attempts = 1},
                               .off = value_number(0)};
    home->options.pids = pid;
    home->options.pid_count = 1;
    home_open(home);
    house_keep_seeing(&home->house, TEMPERATURE, 18, 10 * MINUTE);
}

/* 10, 11: the integral is lost on a restart, or the stop itself winds it up. */
static void complaints_10_and_11_an_integral_is_kept_and_not_wound_up(void **state)
{
    (void)state;
    const struct engine_pid pid = pid_of_fan();
    for (int64_t stop_us = MINUTE; stop_us <= 59 * MINUTE; stop_us += 29 * MINUTE) {
        struct home home = {0};
        open_pid_home(&home, &pid);
        double integral = engine_controller_terms(home.house.engine, 0).i;
        assert_true(integral > 5);
        home_restart(&home, stop_us);
        house_see_number(&home.house, TEMPERATURE, 18);
        assert_true(engine_controller_terms(home.house.engine, 0).i == integral);
        home_close(&home);
    }
    struct home home = {0};
    open_pid_home(&home, &pid);
    struct value output = home.house.shown[HEATER];
    home_restart(&home, 2 * HOUR);
    house_see_number(&home.house, TEMPERATURE, 10);
    /* Too long ago: it takes over from what the vent is told, without a bump. */
    assert_true(engine_controller_terms(home.house.engine, 0).output == output.number);
    home_close(&home);
}

/* 19: what was switched off or on by a person is forgotten at a restart. */
static void complaint_19_what_a_person_has_set_is_kept(void **state)
{
    (void)state;
    const struct engine_rule rule = house_rule("r", "temperature < 18", "fan");
    struct home home = {.options = {.rules = &rule, .rule_count = 1}};
    home_open(&home);
    house_see_number(&home.house, TEMPERATURE, 15);
    engine_enable_rule(home.house.engine, 0, false, home.house.now_us);
    const struct wish wish = {.value = label("ON"), .for_us = 20 * MINUTE, .transaction = "t"};
    assert_int_equal(engine_wish(home.house.engine, HEATER, &wish, home.house.now_us), 0);
    house_carry_out(&home.house);
    unsigned commands = home.house.commands[HEATER];
    home_restart(&home, 15 * MINUTE);
    house_see_number(&home.house, TEMPERATURE, 15);
    assert_shown(&home.house, FAN, "OFF");
    assert_shown(&home.house, HEATER, "ON");
    assert_int_equal(home.house.commands[HEATER], commands); /* no wish twice */
    house_wait(&home.house, 5 * MINUTE);
    assert_shown(&home.house, HEATER, "OFF");
    home_close(&home);
}

/* 20: runs are dropped in silence, and their counters with a restart. */
static void complaint_20_counters_and_runs_that_wait_are_kept(void **state)
{
    (void)state;
    const struct expression *trigger = house_condition("button changed");
    const struct step step = {.kind = STEP_DELAY, .span_us = MINUTE};
    struct event_rule_options event;
    set_trigger(&event, &trigger, &step);
    event.mode = RULE_QUEUED;
    event.max = 2;
    struct home home = {.options = {.events = &event, .event_count = 1}};
    home_open(&home);
    for (int i = 0; i < 5; i++) {
        house_see(&home.house, BUTTON, value_number(i));
    }
    home_restart(&home, 10 * SECOND);
    struct event_rule_stats stats = event_rule_stats(engine_event_at(home.house.engine, 0));
    assert_int_equal(stats.runs, 1);
    assert_int_equal(stats.waiting, 1);
    assert_int_equal(stats.dropped, 2);
    house_wait(&home.house, 50 * SECOND);
    assert_int_equal(runs(&home), 2);
    home_close(&home);
}

/* What docs/automation-state.md says of the metrics. */
static void the_counters_begin_anew_but_those_of_rules(void **state)
{
    (void)state;
    const struct expression *trigger = house_condition("button changed");
    const struct step step = {.kind = STEP_DELAY, .span_us = SECOND};
    struct event_rule_options event;
    set_trigger(&event, &trigger, &step);
    struct home home = {.options = {.events = &event, .event_count = 1}};
    home.devices[HEATER] = house_device("heater");
    home.devices[HEATER].feedback = "door"; /* shows nothing: its command stays under way */
    home_open(&home);
    house_see(&home.house, BUTTON, value_number(1));
    house_see(&home.house, BUTTON, value_number(2));
    struct engine_stats before = engine_stats(home.house.engine);
    assert_int_equal(before.readings, 2);
    assert_int_equal(before.sent, 2);
    home_restart(&home, 10 * SECOND);
    struct engine_stats after = engine_stats(home.house.engine);
    assert_int_equal(after.runs, before.runs);
    assert_int_equal(after.readings, 0);
    assert_int_equal(after.sent, 1); /* the one under way, so that the sum holds */
    assert_int_equal(after.sent, after.confirmed + after.assumed + after.timed_out +
                                     after.superseded + after.pending);
    home_close(&home);
}

/* 21: after a stop, outputs stay as they were for ever. */
static void complaint_21_an_override_that_ended_during_the_stop_has_ended(void **state)
{
    (void)state;
    struct home home = {0};
    home_open(&home);
    const struct wish wish = {.value = label("ON"), .for_us = 5 * MINUTE};
    assert_int_equal(engine_wish(home.house.engine, HEATER, &wish, home.house.now_us), 0);
    house_carry_out(&home.house);
    home_restart(&home, HOUR);
    assert_shown(&home.house, HEATER, "OFF");
    home_close(&home);
}

/* A machine without a clock: the stop counts as none until the clock is set. */
static void without_a_clock_nothing_ends_too_early(void **state)
{
    (void)state;
    struct home home = {0};
    home_open(&home);
    const struct wish wish = {.value = label("ON"), .for_us = 30 * MINUTE};
    assert_int_equal(engine_wish(home.house.engine, HEATER, &wish, home.house.now_us), 0);
    house_carry_out(&home.house);
    int64_t until_us = home.house.now_us + 30 * MINUTE;
    home_stop(&home);
    struct engine_options resumed = home.options;
    home.book.memory = (struct engine_memory){.records = home.book.records,
                                              .count = home.book.count,
                                              .after_stop = true,
                                              .alive_us = home.book.alive_us,
                                              .wall_us = EXPRESSION_NO_CLOCK};
    resumed.memory = &home.book.memory;
    home.house.now_us += 20 * MINUTE;
    assert_int_equal(engine_new(&resumed, home.house.now_us, &home.house.engine), 0);
    house_carry_out(&home.house);
    house_wait(&home.house, MINUTE);
    assert_true(home.house.state[HEATER].until_us == until_us + 20 * MINUTE);
    house_set_clock(&home.house, home.book.alive_us + 21 * MINUTE);
    assert_true(home.house.state[HEATER].until_us == until_us);
    house_wait(&home.house, 9 * MINUTE);
    assert_shown(&home.house, HEATER, "OFF");
    home_close(&home);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(complaint_1_a_for_goes_on_over_a_restart_and_a_reload),
        cmocka_unit_test(complaint_2_editing_one_rule_stops_no_other),
        cmocka_unit_test(complaint_2_an_edited_rule_leaves_nothing_on),
        cmocka_unit_test(complaint_3_a_new_rule_knows_how_long_a_state_has_lasted),
        cmocka_unit_test(complaint_4_a_restart_is_a_blip),
        cmocka_unit_test(complaints_5_and_16_restored_values_fire_nothing),
        cmocka_unit_test(complaint_16_a_hysteresis_keeps_its_side),
        cmocka_unit_test(complaint_7_minimum_times_go_on_over_a_restart),
        cmocka_unit_test(complaint_9_a_sensor_that_does_not_come_back_is_lost),
        cmocka_unit_test(complaints_10_and_11_an_integral_is_kept_and_not_wound_up),
        cmocka_unit_test(complaint_19_what_a_person_has_set_is_kept),
        cmocka_unit_test(complaint_20_counters_and_runs_that_wait_are_kept),
        cmocka_unit_test(complaint_21_an_override_that_ended_during_the_stop_has_ended),
        cmocka_unit_test(the_counters_begin_anew_but_those_of_rules),
        cmocka_unit_test(without_a_clock_nothing_ends_too_early),
    };
    return cmocka_run_group_tests(tests, NULL, free_conditions);
}

/*
 * Alarms that rules raise, and those of devices that do not obey: what people do with them, and
 * what a restart or a reload leaves of it. Complaint 19: an acknowledgement is lost at a restart,
 * and nothing can be shelved.
 */
#include "tests/scenario/home.h"

#include "automation-node/engine/engine_alarm.h"

#include <errno.h>

enum {
    FROST,
    LATCHING,
    OF_HEATER,
    ALARMS
};

static const struct engine_alarm alarms[ALARMS] = {
    [FROST] = {"frost", {.shelve_max_us = 8 * HOUR}, 3, NULL},
    [LATCHING] = {"latching", {.latches = true}, 1, NULL},
    [OF_HEATER] = {"device-heater", {.shelve_max_us = 8 * HOUR}, 2, "heater"},
};

static const struct step raise_and_clear[] = {
    {.kind = STEP_RAISE, .alarm = FROST, .priority = 2, .text = "it freezes"},
    {.kind = STEP_RAISE, .alarm = LATCHING, .priority = 1},
    {.kind = STEP_DELAY, .span_us = HOUR},
    {.kind = STEP_CLEAR, .alarm = FROST},
    {.kind = STEP_CLEAR, .alarm = LATCHING},
};

/* A home whose button raises two alarms for an hour. */
struct plant {
    struct home home;
    const struct expression *trigger;
    struct event_rule_options event;
};

static void plant_open(struct plant *plant)
{
    *plant = (struct plant){.trigger = house_condition("button changed")};
    plant->event = (struct event_rule_options){.id = "cold",
                                               .triggers = &plant->trigger,
                                               .trigger_count = 1,
                                               .script = {raise_and_clear, 5},
                                               .max = 1,
                                               .enabled = true};
    plant->home.options = (struct engine_options){
        .events = &plant->event, .event_count = 1, .alarms = alarms, .alarm_count = ALARMS};
    home_open(&plant->home);
    house_see_number(&plant->home.house, BUTTON, 1);
}

static void press(struct plant *plant)
{
    static double presses = 1;
    house_see_number(&plant->home.house, BUTTON, ++presses);
}

static enum alarm_verdict operate(struct plant *plant, size_t alarm, enum alarm_event event)
{
    struct house *house = &plant->home.house;
    const struct alarm_action action = {.event = event, .shelve_us = HOUR, .by = "Anna"};
    enum alarm_verdict verdict = engine_operate_alarm(house->engine, alarm, &action, house->now_us);
    house_carry_out(house);
    return verdict;
}

static struct engine_alarm_state state_of(const struct plant *plant, size_t alarm)
{
    return engine_alarm_state(plant->home.house.engine, alarm);
}

#define assert_alarm(plant, alarm, expected) \
    assert_int_equal(state_of(plant, alarm).status, expected)

static void a_rule_raises_and_clears_and_a_person_acknowledges(void **state)
{
    (void)state;
    struct plant plant;
    plant_open(&plant);
    assert_alarm(&plant, FROST, ALARM_NORMAL);
    assert_int_equal(operate(&plant, FROST, ALARM_EVENT_ACK), ALARM_REFUSED_NOT_UNACKED);
    press(&plant);
    assert_alarm(&plant, FROST, ALARM_ACTIVE_UNACK);
    assert_string_equal(state_of(&plant, FROST).text, "it freezes");
    assert_string_equal(state_of(&plant, FROST).by, "rule:cold");
    assert_int_equal(state_of(&plant, FROST).priority, 2);
    assert_non_null(strstr(state_of(&plant, LATCHING).text, "button changed"));
    assert_int_equal(plant.home.house.alarm_events, 2);
    assert_int_equal(operate(&plant, LATCHING, ALARM_EVENT_ACK), ALARM_CHANGED);
    assert_string_equal(state_of(&plant, LATCHING).by, "Anna");
    house_wait(&plant.home.house, HOUR);
    assert_alarm(&plant, FROST, ALARM_RETURNED_UNACK);
    assert_alarm(&plant, LATCHING, ALARM_LATCHED_ACK);
    assert_int_equal(operate(&plant, FROST, ALARM_EVENT_ACK), ALARM_CHANGED);
    assert_int_equal(operate(&plant, LATCHING, ALARM_EVENT_RESET), ALARM_CHANGED);
    assert_alarm(&plant, FROST, ALARM_NORMAL);
    assert_alarm(&plant, LATCHING, ALARM_NORMAL);
    assert_int_equal(plant.home.house.alarm_events, 7);
    home_close(&plant.home);
}

static void complaint_19_an_acknowledgement_is_kept_over_a_restart_and_a_reload(void **state)
{
    (void)state;
    for (int reload = 0; reload < 2; reload++) {
        struct plant plant;
        plant_open(&plant);
        press(&plant);
        assert_int_equal(operate(&plant, FROST, ALARM_EVENT_ACK), ALARM_CHANGED);
        unsigned events = plant.home.house.alarm_events;
        home_stop(&plant.home);
        home_go_on(&plant.home, reload == 0, reload == 0 ? 10 * MINUTE : 0);
        assert_alarm(&plant, FROST, ALARM_ACTIVE_ACK);
        assert_alarm(&plant, LATCHING, ALARM_ACTIVE_UNACK);
        assert_string_equal(state_of(&plant, FROST).text, "it freezes");
        assert_int_equal(plant.home.house.alarm_events, events);
        house_wait(&plant.home.house, HOUR); /* the run that raised it goes on, and clears it */
        assert_alarm(&plant, FROST, ALARM_NORMAL);
        assert_alarm(&plant, LATCHING, ALARM_LATCHED_UNACK);
        home_close(&plant.home);
    }
}

static void complaint_19_a_shelving_ends_at_its_time_even_over_a_restart(void **state)
{
    (void)state;
    static const int64_t stops_us[] = {MINUTE, 2 * HOUR};
    for (size_t i = 0; i < 2; i++) {
        struct plant plant;
        plant_open(&plant);
        press(&plant);
        house_wait(&plant.home.house, 10 * MINUTE);
        assert_int_equal(operate(&plant, LATCHING, ALARM_EVENT_SHELVE), ALARM_REFUSED_SPAN);
        assert_int_equal(operate(&plant, FROST, ALARM_EVENT_SHELVE), ALARM_CHANGED);
        assert_int_equal(state_of(&plant, FROST).until_us, plant.home.house.now_us + HOUR);
        int64_t end_us = plant.home.house.now_us + HOUR;
        home_restart(&plant.home, stops_us[i]);
        if (plant.home.house.now_us < end_us) {
            assert_alarm(&plant, FROST, ALARM_SHELVED);
            house_wait(&plant.home.house, end_us - plant.home.house.now_us - 1);
            assert_alarm(&plant, FROST, ALARM_SHELVED);
            house_wait(&plant.home.house, 1);
        }
        assert_alarm(&plant, FROST, ALARM_NORMAL); /* it was cleared while it was shelved */
        home_close(&plant.home);
    }
}

static void what_a_rule_raised_is_over_when_the_rule_is_disabled_or_another_one(void **state)
{
    (void)state;
    for (int reload = 0; reload < 2; reload++) {
        struct plant plant;
        plant_open(&plant);
        press(&plant);
        if (reload == 0) {
            engine_enable_rule(plant.home.house.engine, 0, false, plant.home.house.now_us);
            house_carry_out(&plant.home.house);
        } else {
            home_stop(&plant.home);
            plant.event.mode = RULE_RESTART;
            home_go_on(&plant.home, false, 0);
        }
        assert_alarm(&plant, FROST, ALARM_RETURNED_UNACK);
        assert_alarm(&plant, LATCHING, ALARM_LATCHED_UNACK);
        home_close(&plant.home);
    }
}

static void a_device_that_does_not_obey_is_an_alarm_until_it_does(void **state)
{
    (void)state;
    struct plant plant = {0};
    struct engine_device heater = house_device("heater");
    heater.feedback = "door";
    plant.home.devices[HEATER] = heater;
    plant.home.options = (struct engine_options){.alarms = alarms, .alarm_count = ALARMS};
    home_open(&plant.home);
    struct house *house = &plant.home.house;
    house_see(house, DOOR, label("OFF"));
    const struct wish wish = {.value = label("ON")};
    assert_int_equal(engine_wish(house->engine, HEATER, &wish, house->now_us), REFUSAL_NONE);
    house_carry_out(house);
    assert_alarm(&plant, OF_HEATER, ALARM_NORMAL);
    house_wait(house, 5 * SECOND);
    assert_alarm(&plant, OF_HEATER, ALARM_ACTIVE_UNACK);
    assert_string_equal(state_of(&plant, OF_HEATER).text, "does not obey: shall be ON, shows OFF");
    assert_string_equal(state_of(&plant, OF_HEATER).by, "device:heater");
    assert_int_equal(operate(&plant, OF_HEATER, ALARM_EVENT_ACK), ALARM_CHANGED);
    unsigned events = house->alarm_events;
    home_restart(&plant.home, MINUTE);
    house_see(house, DOOR, label("OFF"));
    house_wait(house, 10 * SECOND);
    assert_alarm(&plant, OF_HEATER, ALARM_ACTIVE_ACK);
    assert_int_equal(house->alarm_events, events);
    house_see(house, DOOR, label("ON"));
    assert_alarm(&plant, OF_HEATER, ALARM_NORMAL);
    home_close(&plant.home);
}

/* More than fit: the newest state is told all the same, and what was lost is counted. */
static void transitions_that_nobody_takes_are_counted(void **state)
{
    (void)state;
    struct plant plant;
    plant_open(&plant);
    struct engine *engine = plant.home.house.engine;
    const struct alarm_action out = {.event = ALARM_EVENT_TAKE_OUT};
    const struct alarm_action back = {.event = ALARM_EVENT_RESTORE};
    for (int i = 0; i < 40; i++) {
        assert_int_equal(engine_operate_alarm(engine, FROST, &out, 0), ALARM_CHANGED);
        assert_int_equal(engine_operate_alarm(engine, FROST, &back, 0), ALARM_CHANGED);
    }
    unsigned before = plant.home.house.alarm_events;
    house_carry_out(&plant.home.house);
    struct engine_stats stats = engine_stats(engine);
    assert_true(stats.alarm_events_lost > 0);
    assert_int_equal(plant.home.house.alarm_events - before + stats.alarm_events_lost, 80);
    home_close(&plant.home);
}

static void alarms_that_make_no_sense_are_refused(void **state)
{
    (void)state;
    static const struct {
        struct engine_alarm alarms[2];
        int result;
    } rows[] = {
        {{{"a", {0}, 1, NULL}, {"a", {0}, 1, NULL}}, -EEXIST},
        {{{"a", {0}, 1, NULL}, {"b", {0}, 1, "nothing"}}, -ENOENT},
        {{{"a", {0}, 0, NULL}, {"b", {0}, 1, NULL}}, -EINVAL},
        {{{"a", {0}, 5, NULL}, {"b", {0}, 1, NULL}}, -EINVAL},
        {{{"a", {.shelve_max_us = -1}, 1, NULL}, {"b", {0}, 1, NULL}}, -EINVAL},
        {{{NULL, {0}, 1, NULL}, {"b", {0}, 1, NULL}}, -EINVAL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct engine_options options = {.alarms = rows[i].alarms, .alarm_count = 2};
        struct engine *engine = NULL;
        assert_int_equal(engine_new(&options, 0, &engine), rows[i].result);
    }
}

/* Two branches: the heater for ten minutes, the fan for forty, each to the end of its time. */
static void branches_go_on_over_a_restart_and_a_reload(void **state)
{
    (void)state;
    const struct step steps[] = {
        {.kind = STEP_FORK, .branch = 1, .target = 3},
        {.kind = STEP_FORK, .branch = 2, .target = 7},
        {.kind = STEP_JOIN, .target = 11},
        {.kind = STEP_SET, .device = HEATER, .value = label("ON")},
        {.kind = STEP_DELAY, .span_us = 10 * MINUTE},
        {.kind = STEP_RELEASE, .device = HEATER},
        {.kind = STEP_END},
        {.kind = STEP_SET, .device = FAN, .value = label("ON")},
        {.kind = STEP_DELAY, .span_us = 40 * MINUTE},
        {.kind = STEP_RELEASE, .device = FAN},
        {.kind = STEP_END},
    };
    for (int reload = 0; reload < 2; reload++) {
        struct plant plant;
        plant_open(&plant);
        plant.event.script = (struct script){steps, 11};
        home_stop(&plant.home);
        home_go_on(&plant.home, false, 0);
        struct house *house = &plant.home.house;
        house_see_number(house, BUTTON, 0);
        press(&plant);
        assert_shown(house, HEATER, "ON");
        assert_shown(house, FAN, "ON");
        house_wait(house, 5 * MINUTE);
        home_stop(&plant.home);
        home_go_on(&plant.home, reload == 0, reload == 0 ? 15 * MINUTE : 0);
        house_wait(house, reload == 0 ? 0 : 15 * MINUTE);
        assert_shown(house, HEATER, "OFF"); /* its time is over */
        assert_shown(house, FAN, "ON");
        house_wait(house, 20 * MINUTE - 1);
        assert_shown(house, FAN, "ON");
        house_wait(house, 1);
        assert_shown(house, FAN, "OFF");
        assert_int_equal(house->rule.active, 0);
        home_close(&plant.home);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rule_raises_and_clears_and_a_person_acknowledges),
        cmocka_unit_test(complaint_19_an_acknowledgement_is_kept_over_a_restart_and_a_reload),
        cmocka_unit_test(complaint_19_a_shelving_ends_at_its_time_even_over_a_restart),
        cmocka_unit_test(what_a_rule_raised_is_over_when_the_rule_is_disabled_or_another_one),
        cmocka_unit_test(a_device_that_does_not_obey_is_an_alarm_until_it_does),
        cmocka_unit_test(transitions_that_nobody_takes_are_counted),
        cmocka_unit_test(alarms_that_make_no_sense_are_refused),
        cmocka_unit_test(branches_go_on_over_a_restart_and_a_reload),
    };
    return cmocka_run_group_tests(tests, NULL, free_conditions);
}

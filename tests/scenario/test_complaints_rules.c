/*
 * What users of other engines have complained of for years, each with the number it has in our list
 * of complaints, and what happens here instead: rules that do something when something happens.
 */
#include "tests/scenario/house_life.h"

static const struct step switch_on[] = {{.kind = STEP_SET, .device = FAN}};

/* A rule that switches the fan on, which rests off. */
struct simple {
    const struct expression *trigger;
    struct step step;
    struct event_rule_options options;
};

static void simple_rule(struct simple *s, const char *trigger)
{
    s->step = switch_on[0];
    s->step.value = label("ON");
    s->options =
        (struct event_rule_options){.id = "r", .script = {&s->step, 1}, .max = 1, .enabled = true};
    if (trigger != NULL) {
        s->trigger = house_condition(trigger);
        s->options.triggers = &s->trigger;
        s->options.trigger_count = 1;
    }
}

static void open_with(struct house *house, const struct event_rule_options *rule)
{
    struct engine_options options = {.events = rule, .event_count = 1};
    house_open(house, &options);
}

static uint64_t runs(const struct house *house)
{
    return engine_stats(house->engine).runs;
}

/* 5: a numeric trigger fires after a restart although the value was below already. */
static void complaint_5_what_is_below_already_does_not_fire(void **state)
{
    (void)state;
    struct simple s;
    struct house house;
    simple_rule(&s, "temperature < 18");
    open_with(&house, &s.options);
    house_keep_seeing(&house, TEMPERATURE, 15, 10 * MINUTE);
    assert_int_equal(runs(&house), 0);
    house_see_number(&house, TEMPERATURE, 19);
    house_see_number(&house, TEMPERATURE, 17);
    assert_int_equal(runs(&house), 1);
    assert_shown(&house, FAN, "ON");
    house_close(&house);
}

/* 16: values that are restored at the start fire rules and freak out the house. */
static void complaint_16_what_the_broker_had_kept_fires_nothing(void **state)
{
    (void)state;
    struct simple s;
    struct house house;
    simple_rule(&s, "button changed or door is open or temperature > 5");
    open_with(&house, &s.options);
    struct reading kept = good(label("open"), 1);
    kept.age_us = HOUR;
    house.now_us = SECOND;
    engine_input(house.engine, DOOR, &kept, house.now_us);
    house_carry_out(&house);
    house_see_number(&house, TEMPERATURE, 20);
    house_see(&house, BUTTON, label("pressed"));
    assert_int_equal(runs(&house), 0);
    house_close(&house);
}

/* 17: a change of clocks stops or shifts jobs: a year of a daily one, to the second. */
static void complaint_17_a_daily_job_runs_once_on_every_day_of_a_year(void **state)
{
    (void)state;
    static const char *const times[] = {"02:30", "06:30"};
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        struct simple s;
        struct house house;
        struct time_trigger trigger = {.kind = TIME_MOMENT, .text = times[i]};
        assert_int_equal(moment_parse(times[i], 5, &trigger.moment), 0);
        simple_rule(&s, NULL);
        s.options.times = &trigger;
        s.options.time_count = 1;
        open_with(&house, &s.options);
        house_set_clock(&house, house_utc_us(2025, 12, 31, 22, 0));
        for (uint64_t day = 0; day < 365; day++) {
            house_wait(&house, 1);
            int64_t midnight_s = zone_instant(house.zone, 20454 + (int64_t)day, 0);
            int64_t noon_us = midnight_s * SECOND + 12 * HOUR - house.wall_offset_us;
            house_wait(&house, noon_us - house.now_us);
            assert_int_equal(runs(&house), day + 1);
        }
        house_close(&house);
    }
}

/* 18: jobs start before NTP has set the clock after a power cut. */
static void complaint_18_no_job_runs_by_a_clock_that_is_not_set(void **state)
{
    (void)state;
    struct simple s;
    struct house house;
    struct time_trigger trigger = {.kind = TIME_CRON, .text = "* * * * *"};
    assert_int_equal(cron_parse(trigger.text, &trigger.cron), 0);
    simple_rule(&s, NULL);
    s.options.times = &trigger;
    s.options.time_count = 1;
    open_with(&house, &s.options);
    house_wait(&house, 24 * HOUR);
    assert_int_equal(runs(&house), 0);
    house_set_clock(&house, house_utc_us(2026, 11, 26, 12, 0));
    house_wait(&house, 10 * MINUTE);
    assert_int_equal(runs(&house), 10);
    house_close(&house);
}

/* 19: an alert does not come if the problem exists at the start. */
static void complaint_19_a_problem_that_lasts_is_told_though_it_began_before_the_start(void **state)
{
    (void)state;
    struct simple s;
    struct house house;
    simple_rule(&s, "temperature > 40 for 2min");
    open_with(&house, &s.options);
    house_keep_seeing(&house, TEMPERATURE, 45, 110 * SECOND);
    assert_int_equal(runs(&house), 0);
    house_keep_seeing(&house, TEMPERATURE, 45, 30 * SECOND);
    assert_int_equal(runs(&house), 1);
    house_close(&house);
}

/* 20: runs are dropped in silence. */
static void complaint_20_what_a_mode_drops_is_told(void **state)
{
    (void)state;
    struct simple s;
    struct house house;
    const struct step steps[] = {{.kind = STEP_DELAY, .span_us = MINUTE}};
    simple_rule(&s, "button changed");
    s.options.script = (struct script){steps, 1};
    open_with(&house, &s.options);
    for (int i = 0; i < 5; i++) {
        house_see(&house, BUTTON, value_number(i));
    }
    assert_int_equal(house.rule.runs, 1);
    assert_int_equal(house.rule.dropped, 3);
    assert_int_equal(house.rule.active, 1);
    house_wait(&house, MINUTE);
    assert_int_equal(house.rule.active, 0);
    assert_int_equal(house.traces, 1);
    house_close(&house);
}

static void a_person_beats_a_rule_and_a_rule_may_take_its_wish_back(void **state)
{
    (void)state;
    struct simple s;
    struct house house;
    struct step steps[] = {{.kind = STEP_SET, .device = FAN, .value = label("ON")},
                           {.kind = STEP_DELAY, .span_us = 10 * MINUTE},
                           {.kind = STEP_RELEASE, .device = FAN}};
    simple_rule(&s, "button changed");
    s.options.script = (struct script){steps, 3};
    open_with(&house, &s.options);
    house_see(&house, BUTTON, value_number(1));
    house_see(&house, BUTTON, value_number(2));
    assert_shown(&house, FAN, "ON");
    assert_string_equal(house.state[FAN].cause.source, "rule:r");
    struct wish wish = {.value = label("OFF"), .for_us = 5 * MINUTE};
    assert_int_equal(engine_wish(house.engine, FAN, &wish, house.now_us), REFUSAL_NONE);
    house_carry_out(&house);
    assert_shown(&house, FAN, "OFF");
    house_wait(&house, 5 * MINUTE);
    assert_shown(&house, FAN, "ON");
    house_wait(&house, 5 * MINUTE);
    assert_shown(&house, FAN, "OFF");
    assert_string_equal(house.state[FAN].cause.source, "rest");
    house_close(&house);
}

static void a_wish_for_a_time_ends_by_itself_and_disabling_ends_it_too(void **state)
{
    (void)state;
    struct simple s;
    struct house house;
    simple_rule(&s, "button changed");
    s.step.span_us = 10 * MINUTE;
    open_with(&house, &s.options);
    house_see(&house, BUTTON, value_number(1));
    house_see(&house, BUTTON, value_number(2));
    assert_true(house.state[FAN].until_us == house.now_us + 10 * MINUTE);
    house_wait(&house, 10 * MINUTE);
    assert_shown(&house, FAN, "OFF");
    house_see(&house, BUTTON, value_number(3));
    assert_shown(&house, FAN, "ON");
    engine_enable_rule(house.engine, 0, false, house.now_us);
    house_carry_out(&house);
    assert_shown(&house, FAN, "OFF");
    assert_false(house.rule.enabled);
    house_close(&house);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(complaint_5_what_is_below_already_does_not_fire),
        cmocka_unit_test(complaint_16_what_the_broker_had_kept_fires_nothing),
        cmocka_unit_test(complaint_17_a_daily_job_runs_once_on_every_day_of_a_year),
        cmocka_unit_test(complaint_18_no_job_runs_by_a_clock_that_is_not_set),
        cmocka_unit_test(
            complaint_19_a_problem_that_lasts_is_told_though_it_began_before_the_start),
        cmocka_unit_test(complaint_20_what_a_mode_drops_is_told),
        cmocka_unit_test(a_person_beats_a_rule_and_a_rule_may_take_its_wish_back),
        cmocka_unit_test(a_wish_for_a_time_ends_by_itself_and_disabling_ends_it_too),
    };
    return cmocka_run_group_tests(tests, NULL, free_conditions);
}

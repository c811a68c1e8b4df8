#include "edge-gateway/alarm/alarm_detector.h"

#include "tests/unit/cmocka_all.h"

#define S INT64_C(1000000)

static const struct alarm_input nothing = {.known = false};

static struct alarm_input number(double value)
{
    return (struct alarm_input){.number = value, .known = true};
}

/* A value, and whether the alarm is active after it. */
struct step {
    double value;
    bool active;
};

static void walk(const struct alarm_condition *condition, const struct step *steps, size_t count)
{
    struct alarm_detector d;
    alarm_detector_init(&d, condition, false);
    for (size_t i = 0; i < count; i++) {
        struct alarm_input input = number(steps[i].value);
        bool was = d.active;
        bool changed = alarm_detector_step(&d, condition, &input, (int64_t)i);
        if (d.active != steps[i].active || changed != (was != d.active)) {
            fail_msg("step %zu: %g", i, steps[i].value);
        }
    }
}

#define WALK(condition, ...)                                      \
    do {                                                          \
        static const struct step steps[] = {__VA_ARGS__};         \
        walk(condition, steps, sizeof(steps) / sizeof(steps[0])); \
    } while (0)

static void a_limit_is_passed_above_it_and_comes_back_over_its_deadband(void **state)
{
    (void)state;
    const struct alarm_condition high = {.has_high = true, .high = 30, .deadband = 2};
    WALK(&high, {30, false}, {30.001, true}, {29, true}, {28.001, true}, {28, false}, {30, false});
    const struct alarm_condition low = {.has_low = true, .low = 5, .deadband = 1};
    WALK(&low, {5, false}, {4.999, true}, {5.999, true}, {6, false});
}

static void without_a_deadband_a_limit_ends_where_it_began(void **state)
{
    (void)state;
    const struct alarm_condition high = {.has_high = true, .high = 30};
    WALK(&high, {30, false}, {30.5, true}, {30, false});
}

static void between_two_limits_each_has_its_deadband(void **state)
{
    (void)state;
    const struct alarm_condition both = {
        .has_high = true, .high = 30, .has_low = true, .low = 10, .deadband = 5};
    WALK(&both, {20, false}, {31, true}, {26, true}, {12, false}, {9, true}, {14, true},
         {15, false}, {9, true}, {40, true}, {27, true}, {25, false});
    struct alarm_detector d;
    double limit;
    alarm_detector_init(&d, &both, false);
    struct alarm_input input = number(9);
    assert_true(alarm_detector_step(&d, &both, &input, 0));
    assert_true(alarm_detector_limit(&d, &both, &limit));
    assert_true(limit == 10.0);
    input = number(31);
    assert_false(alarm_detector_step(&d, &both, &input, 0));
    assert_true(alarm_detector_limit(&d, &both, &limit));
    assert_true(limit == 30.0);
}

static void a_deviation_is_further_than_allowed_on_either_side(void **state)
{
    (void)state;
    const struct alarm_condition c = {
        .type = ALARM_TYPE_DEVIATION, .value = 20, .by = 3, .deadband = 1};
    WALK(&c, {23, false}, {23.5, true}, {22.5, true}, {22, false}, {17, false}, {16.9, true},
         {18, false});
}

static void two_signals_deviate_from_each_other(void **state)
{
    (void)state;
    const struct alarm_condition c = {
        .type = ALARM_TYPE_DEVIATION, .has_other = true, .other = 1, .by = 3};
    struct alarm_detector d;
    alarm_detector_init(&d, &c, false);
    struct alarm_input inputs[2] = {number(10), nothing};
    assert_false(alarm_detector_step(&d, &c, inputs, 0));
    inputs[1] = number(13);
    assert_false(alarm_detector_step(&d, &c, inputs, 0));
    inputs[1] = number(13.5);
    assert_true(alarm_detector_step(&d, &c, inputs, 0));
    assert_true(d.active);
}

static void what_is_equal_is_exactly_equal(void **state)
{
    (void)state;
    const struct alarm_condition c = {.type = ALARM_TYPE_IS, .is = 1};
    WALK(&c, {0, false}, {1, true}, {2, false}, {1, true}, {0.999, false});
}

static void what_is_not_known_changes_nothing(void **state)
{
    (void)state;
    const struct alarm_condition high = {.has_high = true, .high = 30};
    struct alarm_detector d;
    alarm_detector_init(&d, &high, false);
    struct alarm_input input = nothing;
    input.number = 99;
    assert_false(alarm_detector_step(&d, &high, &input, 0));
    input = number(31);
    assert_true(alarm_detector_step(&d, &high, &input, 0));
    input.known = false;
    input.number = 0;
    assert_false(alarm_detector_step(&d, &high, &input, 0));
    assert_true(d.active);
}

static void it_has_to_be_wrong_and_right_for_the_delays(void **state)
{
    (void)state;
    const struct alarm_condition high = {
        .has_high = true, .high = 30, .on_delay_us = 10 * S, .off_delay_us = 5 * S};
    struct alarm_detector d;
    alarm_detector_init(&d, &high, false);
    struct alarm_input wrong = number(31);
    struct alarm_input right = number(29);
    assert_false(alarm_detector_step(&d, &high, &wrong, 0));
    assert_int_equal(alarm_detector_next_us(&d, &high, &wrong), 10 * S);
    assert_false(alarm_detector_step(&d, &high, &right, 9 * S)); /* begins anew */
    assert_int_equal(alarm_detector_next_us(&d, &high, &right), INT64_MAX);
    assert_false(alarm_detector_step(&d, &high, &wrong, 10 * S));
    assert_false(alarm_detector_step(&d, &high, &wrong, 20 * S - 1));
    assert_true(alarm_detector_step(&d, &high, &wrong, 20 * S));
    assert_true(d.active);
    assert_false(alarm_detector_step(&d, &high, &right, 21 * S));
    assert_false(alarm_detector_step(&d, &high, &right, 26 * S - 1));
    assert_true(alarm_detector_step(&d, &high, &right, 26 * S));
    assert_false(d.active);
}

static void what_was_active_before_a_restart_is_not_raised_again(void **state)
{
    (void)state;
    const struct alarm_condition low = {.has_low = true, .low = 5, .deadband = 1};
    struct alarm_detector d;
    alarm_detector_init(&d, &low, true);
    struct alarm_input input = number(5.5); /* within the deadband of the limit that it passed */
    assert_false(alarm_detector_step(&d, &low, &input, 0));
    assert_true(d.active);
    input = number(6);
    assert_true(alarm_detector_step(&d, &low, &input, 0));
}

static void a_signal_is_stale_when_nothing_came_for_the_time(void **state)
{
    (void)state;
    const struct alarm_condition c = {.type = ALARM_TYPE_STALE, .stale_us = 30 * S};
    struct alarm_detector d;
    alarm_detector_init(&d, &c, false);
    struct alarm_input input = {.seen_us = 5 * S};
    assert_false(alarm_detector_step(&d, &c, &input, 35 * S - 1));
    assert_int_equal(alarm_detector_next_us(&d, &c, &input), 35 * S);
    assert_true(alarm_detector_step(&d, &c, &input, 35 * S));
    assert_int_equal(alarm_detector_next_us(&d, &c, &input), INT64_MAX);
    input.seen_us = 40 * S; /* not available, but it came */
    assert_true(alarm_detector_step(&d, &c, &input, 40 * S));
    assert_false(d.active);
}

/* ---- change ----------------------------------------------------------------------------- */

static bool moves(struct alarm_detector *d, const struct alarm_condition *c, double value,
                  int64_t now_us)
{
    struct alarm_input input = number(value);
    alarm_detector_note(d, c, value, now_us);
    (void)alarm_detector_step(d, c, &input, now_us);
    return d->active;
}

static void a_change_counts_within_its_time_only(void **state)
{
    (void)state;
    const struct alarm_condition c = {.type = ALARM_TYPE_CHANGE, .change = 2, .over_us = 8 * S};
    struct alarm_detector d;
    alarm_detector_init(&d, &c, false);
    assert_false(moves(&d, &c, 20, 0));
    assert_false(moves(&d, &c, 22, 8 * S)); /* as much as allowed */
    assert_true(moves(&d, &c, 22.1, 8 * S));
    alarm_detector_init(&d, &c, false);
    assert_false(moves(&d, &c, 20, 0));
    assert_false(moves(&d, &c, 25, 8 * S + 1)); /* slower than that */
}

static void a_change_is_over_when_its_time_is_although_nothing_comes(void **state)
{
    (void)state;
    const struct alarm_condition c = {.type = ALARM_TYPE_CHANGE, .change = 2, .over_us = 8 * S};
    struct alarm_detector d;
    alarm_detector_init(&d, &c, false);
    assert_false(moves(&d, &c, 20, 0));
    assert_true(moves(&d, &c, 25, 4 * S));
    struct alarm_input input = number(25);
    int64_t next_us = alarm_detector_next_us(&d, &c, &input);
    assert_int_equal(next_us, 8 * S + 1);
    assert_false(alarm_detector_step(&d, &c, &input, next_us - 1));
    assert_true(alarm_detector_step(&d, &c, &input, next_us));
    assert_false(d.active);
}

static void a_change_has_a_direction_and_sees_the_way_between(void **state)
{
    (void)state;
    struct alarm_condition c = {.type = ALARM_TYPE_CHANGE, .change = 2, .over_us = 80 * S};
    struct alarm_detector d;
    c.direction = ALARM_DIRECTION_FALLING;
    alarm_detector_init(&d, &c, false);
    assert_false(moves(&d, &c, 20, 0));
    assert_false(moves(&d, &c, 25, S));
    assert_false(moves(&d, &c, 23, 2 * S));
    assert_true(moves(&d, &c, 22.9, 3 * S)); /* from the 25 between */
    c.direction = ALARM_DIRECTION_RISING;
    alarm_detector_init(&d, &c, false);
    assert_false(moves(&d, &c, 25, 0));
    assert_false(moves(&d, &c, 20, S));
    assert_true(moves(&d, &c, 22.1, 2 * S));
}

static void a_fast_signal_keeps_the_whole_time_in_view(void **state)
{
    (void)state;
    const struct alarm_condition c = {.type = ALARM_TYPE_CHANGE, .change = 2, .over_us = 8 * S};
    struct alarm_detector d;
    alarm_detector_init(&d, &c, false);
    bool active = false;
    for (int i = 0; i < 8000; i++) { /* 0.3 per second: 2.4 within the time */
        active = moves(&d, &c, 0.0003 * i, i * (S / 1000));
        assert_true(!active || i > 6600);
    }
    assert_true(active);
    alarm_detector_init(&d, &c, false);
    for (int i = 0; i < 40000;
         i++) { /* 0.2 per second: 1.6, and never 2, not even an eighth more */
        assert_false(moves(&d, &c, 0.0002 * i, i * (S / 1000)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_limit_is_passed_above_it_and_comes_back_over_its_deadband),
        cmocka_unit_test(without_a_deadband_a_limit_ends_where_it_began),
        cmocka_unit_test(between_two_limits_each_has_its_deadband),
        cmocka_unit_test(a_deviation_is_further_than_allowed_on_either_side),
        cmocka_unit_test(two_signals_deviate_from_each_other),
        cmocka_unit_test(what_is_equal_is_exactly_equal),
        cmocka_unit_test(what_is_not_known_changes_nothing),
        cmocka_unit_test(it_has_to_be_wrong_and_right_for_the_delays),
        cmocka_unit_test(what_was_active_before_a_restart_is_not_raised_again),
        cmocka_unit_test(a_signal_is_stale_when_nothing_came_for_the_time),
        cmocka_unit_test(a_change_counts_within_its_time_only),
        cmocka_unit_test(a_change_is_over_when_its_time_is_although_nothing_comes),
        cmocka_unit_test(a_change_has_a_direction_and_sees_the_way_between),
        cmocka_unit_test(a_fast_signal_keeps_the_whole_time_in_view),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

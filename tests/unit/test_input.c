#include "automation-node/input/input.h"

#include "automation-node/input/deadline.h"
#include "tests/unit/engine_help.h"

#include <errno.h>

static void an_input_never_seen_is_lost_from_the_start(void **state)
{
    (void)state;
    struct input input = make_input("temperature", "°C", 10 * SECOND);
    struct input ageless = make_input("door", NULL, 0);
    assert_int_equal(input_quality(&input, 0), QUALITY_STALE);
    assert_int_equal(input_trust(&input, 0), INPUT_LOST);
    assert_int_equal(input_trust(&ageless, 0), INPUT_LOST);
    assert_true(input_next_deadline(&input, 0) == DEADLINE_NONE);
}

static void a_reading_goes_stale_at_its_age_exactly(void **state)
{
    (void)state;
    struct input input = make_input("temperature", "°C", 10 * SECOND);
    show(&input, 21, 5 * SECOND);
    assert_int_equal(input_trust(&input, 15 * SECOND - 1), INPUT_GOOD);
    assert_int_equal(input_trust(&input, 15 * SECOND), INPUT_LOST);
    assert_true(input_next_deadline(&input, 5 * SECOND) == 15 * SECOND);
    assert_true(input_next_deadline(&input, 15 * SECOND) == DEADLINE_NONE);
}

static void an_ageless_input_stays_good(void **state)
{
    (void)state;
    struct input input = make_input("door", NULL, 0);
    show(&input, 1, 0);
    assert_int_equal(input_quality(&input, INT64_MAX - 1), QUALITY_GOOD);
    assert_true(input_next_deadline(&input, 0) == DEADLINE_NONE);
}

static void a_reading_that_is_not_good_keeps_the_value_until_it_is_too_old(void **state)
{
    (void)state;
    struct input input = make_input("temperature", "°C", 10 * SECOND);
    show(&input, 21, 0);
    show_quality(&input, QUALITY_OUT_OF_RANGE, 4 * SECOND);
    assert_int_equal(input_trust(&input, 4 * SECOND), INPUT_HELD);
    assert_int_equal(input_quality(&input, 4 * SECOND), QUALITY_OUT_OF_RANGE);
    assert_value(input.value, "21");
    assert_true(input_next_deadline(&input, 4 * SECOND) == 10 * SECOND);
    assert_int_equal(input_trust(&input, 10 * SECOND), INPUT_LOST);
    assert_true(input_next_deadline(&input, 10 * SECOND) == 14 * SECOND);
}

static void without_an_age_a_bad_reading_is_a_loss(void **state)
{
    (void)state;
    struct input input = make_input("door", NULL, 0);
    show(&input, 1, 0);
    show_quality(&input, QUALITY_NOT_AVAILABLE, 1);
    assert_int_equal(input_trust(&input, 1), INPUT_LOST);
}

static void a_reading_reported_as_stale_is_a_loss_at_once(void **state)
{
    (void)state;
    struct input input = make_input("temperature", "°C", 10 * SECOND);
    show(&input, 21, 0);
    show_quality(&input, QUALITY_STALE, 1);
    assert_int_equal(input_trust(&input, 1), INPUT_LOST);
}

static void a_good_reading_of_nothing_is_not_available(void **state)
{
    (void)state;
    struct input input = make_input("temperature", "°C", 10 * SECOND);
    struct reading reading = good(none(), 1);
    input_update(&input, &reading, 0);
    assert_int_equal(input_quality(&input, 0), QUALITY_NOT_AVAILABLE);
    assert_int_equal(input_trust(&input, 0), INPUT_LOST);
}

static void the_time_of_change_survives_repetition_and_blips_but_no_loss(void **state)
{
    (void)state;
    struct input input = make_input("humidity", "%", 10 * SECOND);
    show(&input, 80, 1 * SECOND);
    show(&input, 80, 5 * SECOND);
    show_quality(&input, QUALITY_NOT_AVAILABLE, 6 * SECOND);
    show(&input, 80, 7 * SECOND);
    assert_true(input.changed_us == 1 * SECOND);
    show(&input, 80, 20 * SECOND);
    assert_true(input.changed_us == 20 * SECOND);
}

static void a_label_is_no_number(void **state)
{
    (void)state;
    struct input input = make_input("pump", NULL, 10 * SECOND);
    struct reading reading = good(label("Running"), 1);
    input_update(&input, &reading, 0);
    double number = 7;
    assert_int_equal(input_number(&input, 0, &number), INPUT_LOST);
    assert_true(number == 7);
    char text[64];
    input_explain(&input, 0, text, sizeof(text));
    assert_string_equal(text, "input 'pump' shows 'Running'");
}

static void the_reason_names_the_input(void **state)
{
    (void)state;
    struct input input = make_input("temperature", "°C", 10 * SECOND);
    char text[64];
    input_explain(&input, 0, text, sizeof(text));
    assert_string_equal(text, "input 'temperature' is stale (never seen)");
    show(&input, 21, 0);
    input_explain(&input, 10 * SECOND, text, sizeof(text));
    assert_string_equal(text, "input 'temperature' is stale");
    show_quality(&input, QUALITY_OUT_OF_RANGE, 20 * SECOND);
    input_explain(&input, 20 * SECOND, text, sizeof(text));
    assert_string_equal(text, "input 'temperature' is out_of_range");
}

static void bad_options_are_refused(void **state)
{
    (void)state;
    char long_id[NAME_SIZE + 1];
    memset(long_id, 'x', NAME_SIZE);
    long_id[NAME_SIZE] = '\0';
    struct {
        struct input_options options;
        int result;
    } cases[] = {
        {{NULL, NULL, 0}, -EINVAL},
        {{"", NULL, 0}, -EINVAL},
        {{"x", NULL, -1}, -EINVAL},
        {{long_id, NULL, 0}, -ENAMETOOLONG},
        {{"x", "a unit of 17 bytes", 0}, -ENAMETOOLONG},
        {{long_id + 1, "", 0}, 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct input input;
        assert_int_equal(input_init(&cases[i].options, &input), cases[i].result);
    }
}

static void a_value_that_becomes_another_has_moved_the_first_has_not(void **state)
{
    (void)state;
    struct input input = make_input("level", NULL, 0);
    struct reading reading = good(value_number(5), 1);
    assert_false(input_update(&input, &reading, 1));
    assert_false(input.moved);
    assert_false(input_update(&input, &reading, 2));
    reading.value = value_number(7);
    assert_true(input_update(&input, &reading, 3));
    assert_int_equal(input.direction, 1);
    assert_int_equal(input.moved_us, 3);
    reading.value = value_number(6);
    assert_true(input_update(&input, &reading, 4));
    assert_int_equal(input.direction, -1);
    reading.value = label("full");
    assert_true(input_update(&input, &reading, 5));
    assert_int_equal(input.direction, 0);
}

static void a_value_that_was_kept_is_as_old_as_it_is(void **state)
{
    (void)state;
    struct input input = make_input("level", NULL, 30 * SECOND);
    struct reading reading = good(value_number(5), 1);
    reading.age_us = 20 * SECOND;
    (void)input_update(&input, &reading, 100 * SECOND);
    assert_true(input.changed_us == 80 * SECOND);
    assert_int_equal(input_trust(&input, 110 * SECOND - 1), INPUT_GOOD);
    assert_int_equal(input_trust(&input, 110 * SECOND), INPUT_LOST);
    reading.age_us = 60 * SECOND;
    (void)input_update(&input, &reading, 120 * SECOND);
    assert_true(input.seen_us == 80 * SECOND); /* time does not go back */
}

static void a_value_of_unknown_age_is_none_for_an_input_that_ages(void **state)
{
    (void)state;
    struct input ages = make_input("level", NULL, 30 * SECOND);
    struct input ageless = make_input("door", NULL, 0);
    struct input open = make_input("door", NULL, 0);
    struct reading reading = good(value_number(5), 1);
    reading.age_is_unknown = true;
    open.stale_is_open = true;
    assert_false(input_update(&ages, &reading, SECOND));
    assert_int_equal(input_trust(&ages, SECOND), INPUT_LOST);
    assert_false(ages.seen);
    (void)input_update(&ageless, &reading, SECOND);
    assert_int_equal(input_trust(&ageless, 3600 * SECOND), INPUT_GOOD);
    (void)input_update(&open, &reading, SECOND);
    assert_int_equal(input_trust(&open, SECOND), INPUT_LOST); /* it may turn out to age */
    (void)input_learn_stale_after(&open, 0);
    (void)input_update(&open, &reading, SECOND);
    assert_int_equal(input_trust(&open, SECOND), INPUT_GOOD);
}

static void how_long_is_learnt_only_where_that_is_open(void **state)
{
    (void)state;
    struct input input = make_input("level", NULL, 30 * SECOND);
    show(&input, 5, 0);
    assert_false(input_learn_stale_after(&input, 60 * SECOND));
    assert_int_equal(input_trust(&input, 30 * SECOND), INPUT_LOST);
    input.stale_is_open = true;
    assert_false(input_learn_stale_after(&input, -1));
    assert_true(input_learn_stale_after(&input, 60 * SECOND));
    assert_false(input_learn_stale_after(&input, 60 * SECOND));
    assert_int_equal(input_trust(&input, 60 * SECOND - 1), INPUT_GOOD);
    assert_int_equal(input_trust(&input, 60 * SECOND), INPUT_LOST);
    assert_true(input_learn_stale_after(&input, 0));
    assert_int_equal(input_trust(&input, 3600 * SECOND), INPUT_GOOD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_input_never_seen_is_lost_from_the_start),
        cmocka_unit_test(a_reading_goes_stale_at_its_age_exactly),
        cmocka_unit_test(an_ageless_input_stays_good),
        cmocka_unit_test(a_reading_that_is_not_good_keeps_the_value_until_it_is_too_old),
        cmocka_unit_test(without_an_age_a_bad_reading_is_a_loss),
        cmocka_unit_test(a_reading_reported_as_stale_is_a_loss_at_once),
        cmocka_unit_test(a_good_reading_of_nothing_is_not_available),
        cmocka_unit_test(the_time_of_change_survives_repetition_and_blips_but_no_loss),
        cmocka_unit_test(a_label_is_no_number),
        cmocka_unit_test(the_reason_names_the_input),
        cmocka_unit_test(bad_options_are_refused),
        cmocka_unit_test(a_value_that_becomes_another_has_moved_the_first_has_not),
        cmocka_unit_test(a_value_that_was_kept_is_as_old_as_it_is),
        cmocka_unit_test(a_value_of_unknown_age_is_none_for_an_input_that_ages),
        cmocka_unit_test(how_long_is_learnt_only_where_that_is_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

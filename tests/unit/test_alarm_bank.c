#include "edge-gateway/alarm/alarm_bank.h"

#include "tests/unit/cmocka_all.h"

#define COUNT 3

/* Two watch input 0, one of them compares it with input 1. */
static const struct alarm_spec specs[COUNT] = {
    {.id = "a", .condition = {.has_high = true, .high = 30}, .options = {.shelve_max_us = 1000}},
    {.id = "b",
     .condition = {.type = ALARM_TYPE_DEVIATION, .has_other = true, .other = 1, .by = 3}},
    {.id = "c", .condition = {.type = ALARM_TYPE_TOLD}},
};

static int set_up(void **state)
{
    return alarm_bank_new(specs, COUNT, 2, 7, (struct alarm_bank **)state);
}

static int tear_down(void **state)
{
    alarm_bank_free(*state);
    return 0;
}

static void assert_taken(struct alarm_bank *bank, size_t count, const size_t *wanted)
{
    size_t alarm;
    for (size_t i = 0; i < count; i++) {
        assert_true(alarm_bank_take(bank, &alarm));
        assert_int_equal(alarm, wanted[i]);
    }
    assert_false(alarm_bank_take(bank, &alarm));
}

#define ASSERT_TAKEN(bank, count, ...) assert_taken(bank, count, (const size_t[]){__VA_ARGS__})

static void a_value_concerns_those_that_read_it_once_each(void **state)
{
    struct alarm_bank *bank = *state;
    for (int i = 0; i < 5; i++) { /* round and round */
        alarm_bank_feed(bank, 0, 20, true, 100);
        alarm_bank_feed(bank, 1, 21, true, 100);
        alarm_bank_feed(bank, 0, 22, true, 100);
        alarm_bank_touch(bank, 2);
        ASSERT_TAKEN(bank, 3, 0, 1, 2);
        alarm_bank_feed(bank, 1, 21, true, 100);
        ASSERT_TAKEN(bank, 1, 1);
    }
}

static void one_may_be_touched_while_others_wait(void **state)
{
    struct alarm_bank *bank = *state;
    size_t alarm;
    alarm_bank_touch(bank, 1);
    alarm_bank_touch(bank, 0);
    assert_true(alarm_bank_take(bank, &alarm));
    assert_int_equal(alarm, 1);
    alarm_bank_touch(bank, 2);
    alarm_bank_touch(bank, 1);
    ASSERT_TAKEN(bank, 3, 0, 2, 1);
}

static void the_readers_of_an_input_are_taken_before_it_changes(void **state)
{
    struct alarm_bank *bank = *state;
    size_t alarm;
    alarm_bank_feed(bank, 0, 20, true, 100);
    alarm_bank_touch(bank, 2);
    assert_true(alarm_bank_take_reader(bank, 1, &alarm));
    assert_int_equal(alarm, 1);
    assert_false(alarm_bank_take_reader(bank, 1, &alarm));
    ASSERT_TAKEN(bank, 2, 0, 2);
}

static void an_input_begins_unknown_and_keeps_its_number(void **state)
{
    struct alarm_bank *bank = *state;
    const struct alarm_input *inputs = alarm_bank_inputs(bank);
    assert_false(inputs[0].known);
    assert_int_equal(inputs[0].seen_us, 7);
    alarm_bank_feed(bank, 0, 20, true, 100);
    alarm_bank_feed(bank, 0, 99, false, 200);
    assert_false(inputs[0].known);
    assert_true(inputs[0].number == 20.0);
    assert_int_equal(inputs[0].seen_us, 200);
}

static void figures_count_what_people_see(void **state)
{
    struct alarm_bank *bank = *state;
    const struct alarm_now now = {100, 100};
    struct alarm_events events;
    alarm_bank_feed(bank, 0, 99, true, 100);
    alarm_bank_feed(bank, 1, 0, true, 100);
    size_t alarm;
    while (alarm_bank_take(bank, &alarm)) {
        alarm_step(alarm_bank_at(bank, alarm), alarm_bank_inputs(bank), &now, &events);
    }
    struct alarm_bank_figures f = alarm_bank_figures(bank, &now);
    assert_int_equal(f.active, 2);
    assert_int_equal(f.unacknowledged, 2);
    assert_int_equal(alarm_shelve(alarm_bank_at(bank, 0), 500, "", 100), ALARM_CHANGED);
    f = alarm_bank_figures(bank, &now);
    assert_int_equal(f.active, 2);
    assert_int_equal(f.unacknowledged, 1);
    assert_int_equal(f.shelved, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_value_concerns_those_that_read_it_once_each, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(one_may_be_touched_while_others_wait, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_readers_of_an_input_are_taken_before_it_changes, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_input_begins_unknown_and_keeps_its_number, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(figures_count_what_people_see, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "automation-node/calendar/civil.h"
#include "automation-node/input/deadline.h"
#include "tests/unit/expression_help.h"

#define MINUTE (60 * SECOND)

/* One expression in its plant, at one time. */
struct look {
    struct plant plant;
    struct expression *expression;
    struct expression_slot slots[8];
    struct calendar calendar;
    int64_t now_us;
    int64_t wall_us;
    size_t changed;
};

static struct look look_new(const char *text)
{
    struct look look = {.plant = plant_new(),
                        .wall_us = EXPRESSION_NO_CLOCK,
                        .changed = EXPRESSION_NO_INPUT,
                        .calendar = {.has_place = true, .place = {52.52, 13.4}}};
    struct expression_fault fault = {0};
    int r = plant_compile(&look.plant, text, &look.expression, &fault);
    if (r != 0) {
        fail_msg("%s: %zu: %s", text, fault.offset, fault.text);
    }
    assert_true(expression_slot_count(look.expression) <= 8);
    struct zone *zone = NULL;
    assert_int_equal(zone_new_posix("CET-1CEST,M3.5.0,M10.5.0/3", &zone), 0);
    look.calendar.zone = zone;
    show(&look.plant.inputs[TEMPERATURE], 20, 0);
    show(&look.plant.inputs[OUTSIDE], 50, 0); /* 10 °C */
    show(&look.plant.inputs[HUMIDITY], 60, 0);
    show_label(&look.plant.inputs[PUMP], "Running", 0);
    show_label(&look.plant.inputs[DOOR], "open", 0);
    show(&look.plant.inputs[COUNTER], 7, 0);
    return look;
}

static void look_free(struct look *look)
{
    expression_free(look->expression);
    zone_free((struct zone *)look->calendar.zone);
}

static struct expression_view view_of(const struct look *look)
{
    return (struct expression_view){look->plant.inputs, &look->calendar, look->now_us,
                                    look->wall_us, look->changed};
}

static struct expression_result evaluate(struct look *look)
{
    struct expression_view view = view_of(look);
    return expression_evaluate(look->expression, look->slots, &view);
}

static void set_wall(struct look *look, int day, int hour, int minute)
{
    int64_t days = civil_day((struct civil_date){2026, 11, day});
    look->wall_us = ((days * 24 + hour) * 60 + minute) * MINUTE;
}

static void assert_truth(const char *text, enum truth expected)
{
    struct look look = look_new(text);
    enum truth truth = evaluate(&look).truth;
    if (truth != expected) {
        fail_msg("%s is %d, not %d", text, (int)truth, (int)expected);
    }
    look_free(&look);
}

static void numbers_compare_in_each_others_units(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool holds;
    } rows[] = {
        {"temperature > 19", true},
        {"temperature > 20", false},
        {"temperature >= 20 °C", true},
        {"temperature < 69 °F", true},
        {"temperature < 67 °F", false},
        {"68 °F = temperature", true},
        {"temperature != 20", false},
        {"temperature > outside", true},
        {"outside < temperature", true},
        {"outside = 10 °C", true},
        {"temperature - outside > 9.9 K", true},
        {"temperature - outside > 10.1 °C", false},
        {"temperature - 5 °F > 17.2 °C", true}, /* a step of 5 °F is 2.8 °C */
        {"temperature - 5 °F > 17.3 °C", false},
        {"outside + 10 °C < temperature", false},
        {"outside + 9 °C < temperature", true},
        {"(temperature + outside) / 2 between 14.9 °C and 15.1 °C", true},
        {"temperature between 68 °F and 70 °F", true},
        {"temperature between 21 and 25", false},
        {"temperature within 1 °F of 20.5 °C", true},
        {"temperature within 0.8 °F of 20.5 °C", false},
        {"humidity > 599 ‰", true},
        {"humidity < 0.5", false},
        {"humidity / 2 = 30 %", true},
        {"2 * humidity = 120 %", true},
        {"humidity / 30 % = 2", true},
        {"-temperature = -20 °C", true},
        {"- temperature < -68.1 °F", false},
        {"1 + 2 * 3 = 7", true},
        {"(1 + 2) * 3 = 9", true},
        {"7 - 2 - 1 = 4", true},
        {"counter * counter = 49", true},
        {"counter is 7", true},
        {"counter is not 7", false},
        {".5e1 < 6", true},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_truth(rows[i].text, rows[i].holds ? TRUTH_TRUE : TRUTH_FALSE);
    }
}

static void words_compare_exactly(void **state)
{
    (void)state;
    assert_truth("pump is Running", TRUTH_TRUE);
    assert_truth("pump = Off", TRUTH_FALSE);
    assert_truth("pump is not Off", TRUTH_TRUE);
    assert_truth("pump != Running", TRUTH_FALSE);
    assert_truth("pump is 'Not there'", TRUTH_FALSE);
    assert_truth("door is open", TRUTH_TRUE);
    assert_truth("door is \"open\"", TRUTH_TRUE);
    assert_truth("door is on", TRUTH_FALSE);
}

static void logic_binds_not_then_and_then_or(void **state)
{
    (void)state;
    assert_truth("true or false and false", TRUTH_TRUE);
    assert_truth("(true or false) and false", TRUTH_FALSE);
    assert_truth("not false and false", TRUTH_FALSE);
    assert_truth("not (false and false)", TRUTH_TRUE);
    assert_truth("not not true", TRUTH_TRUE);
    assert_truth("not temperature > 25", TRUTH_TRUE);
}

static void what_is_not_known_makes_unknown_only_what_depends_on_it(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum truth truth;
    } rows[] = {
        {"temperature > 10", TRUTH_UNKNOWN},
        {"not temperature > 10", TRUTH_UNKNOWN},
        {"temperature > 10 and humidity > 10", TRUTH_UNKNOWN},
        {"temperature > 10 and humidity > 90", TRUTH_FALSE},
        {"temperature > 10 or humidity > 10", TRUTH_TRUE},
        {"temperature > 10 or humidity > 90", TRUTH_UNKNOWN},
        {"temperature + counter * 0 > 1", TRUTH_UNKNOWN},
        {"temperature is stale", TRUTH_TRUE},
        {"temperature is good", TRUTH_FALSE},
        {"temperature is not stale", TRUTH_FALSE},
        {"temperature changed", TRUTH_UNKNOWN},
        {"humidity is good and humidity < 80", TRUTH_TRUE},
        {"counter / (counter - 7) > 1", TRUTH_UNKNOWN},
        {"temperature between 1 and 2", TRUTH_UNKNOWN},
        {"humidity between counter and temperature / 1 °C", TRUTH_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct look look = look_new(rows[i].text);
        show_quality(&look.plant.inputs[TEMPERATURE], QUALITY_STALE, 0);
        struct expression_result result = evaluate(&look);
        assert_int_equal(result.truth, rows[i].truth);
        assert_int_equal(result.lost, result.truth == TRUTH_UNKNOWN);
        look_free(&look);
    }
}

static void a_held_input_is_unknown_but_not_lost(void **state)
{
    (void)state;
    struct look look = look_new("temperature > 10 and humidity > 10");
    show_quality(&look.plant.inputs[HUMIDITY], QUALITY_OUT_OF_RANGE, SECOND);
    look.now_us = SECOND;
    struct expression_result result = evaluate(&look);
    assert_int_equal(result.truth, TRUTH_UNKNOWN);
    assert_false(result.lost);
    assert_int_equal(result.blame, HUMIDITY);
    show_quality(&look.plant.inputs[TEMPERATURE], QUALITY_STALE, SECOND);
    result = evaluate(&look);
    assert_true(result.lost);
    assert_int_equal(result.blame, TEMPERATURE);
    look_free(&look);
}

static void hysteresis_keeps_what_held(void **state)
{
    (void)state;
    struct look look = look_new("temperature > 25 °C hysteresis 1.8 °F");
    static const struct {
        double shown;
        enum truth truth;
    } steps[] = {{24.5, TRUTH_FALSE}, {25, TRUTH_FALSE}, {25.1, TRUTH_TRUE},
                 {24.1, TRUTH_TRUE},  {24, TRUTH_FALSE}, {24.5, TRUTH_FALSE}};
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        show(&look.plant.inputs[TEMPERATURE], steps[i].shown, 0);
        assert_int_equal(evaluate(&look).truth, steps[i].truth);
    }
    look_free(&look);
}

static void hysteresis_works_downwards_too_and_forgets_when_lost(void **state)
{
    (void)state;
    struct look look = look_new("temperature <= 5 hysteresis 2");
    show(&look.plant.inputs[TEMPERATURE], 5, 0);
    assert_int_equal(evaluate(&look).truth, TRUTH_TRUE);
    show(&look.plant.inputs[TEMPERATURE], 6.9, 0);
    assert_int_equal(evaluate(&look).truth, TRUTH_TRUE);
    show_quality(&look.plant.inputs[TEMPERATURE], QUALITY_STALE, 0);
    assert_int_equal(evaluate(&look).truth, TRUTH_UNKNOWN);
    show(&look.plant.inputs[TEMPERATURE], 6.9, 0);
    assert_int_equal(evaluate(&look).truth, TRUTH_FALSE);
    look_free(&look);
}

static void for_begins_when_the_condition_begins(void **state)
{
    (void)state;
    struct look look = look_new("temperature > 25 and humidity < 80 for 2min");
    assert_int_equal(evaluate(&look).truth, TRUTH_FALSE);
    look.now_us = SECOND;
    show(&look.plant.inputs[TEMPERATURE], 26, look.now_us);
    struct expression_result result = evaluate(&look);
    assert_int_equal(result.truth, TRUTH_FALSE);
    assert_true(result.next_us == SECOND + 2 * MINUTE);
    for (int i = 0; i < 11; i++) { /* other values that do not end it do not restart it */
        look.now_us += 10 * SECOND;
        show(&look.plant.inputs[TEMPERATURE], 26 + i, look.now_us);
        show(&look.plant.inputs[HUMIDITY], 60 + i, look.now_us);
        assert_int_equal(evaluate(&look).truth, TRUTH_FALSE);
    }
    look.now_us = SECOND + 2 * MINUTE;
    assert_int_equal(evaluate(&look).truth, TRUTH_TRUE);
    show(&look.plant.inputs[TEMPERATURE], 20, look.now_us);
    assert_int_equal(evaluate(&look).truth, TRUTH_FALSE);
    look_free(&look);
}

static void for_found_true_counts_from_the_last_change(void **state)
{
    (void)state;
    struct look look = look_new("door is open for 2min");
    look.plant.inputs[DOOR].stale_after_us = 0;
    look.now_us = 110 * SECOND;
    struct expression_result result = evaluate(&look);
    assert_int_equal(result.truth, TRUTH_UNKNOWN); /* who knows since when it is open */
    assert_false(result.lost);
    assert_true(result.next_us == 2 * MINUTE);
    look.now_us = 2 * MINUTE;
    assert_int_equal(evaluate(&look).truth, TRUTH_TRUE);
    look_free(&look);
}

/* Complaint 4: a blip must not restart "for at least". */
static void a_blip_does_not_restart_for(void **state)
{
    (void)state;
    struct look look = look_new("temperature > 25 for 20s");
    (void)evaluate(&look);
    show(&look.plant.inputs[TEMPERATURE], 26, 0);
    (void)evaluate(&look);
    look.now_us = 15 * SECOND;
    show_quality(&look.plant.inputs[TEMPERATURE], QUALITY_NOT_AVAILABLE, look.now_us);
    assert_int_equal(evaluate(&look).truth, TRUTH_UNKNOWN);
    look.now_us = 21 * SECOND;
    assert_int_equal(evaluate(&look).truth, TRUTH_UNKNOWN); /* never due on a bad reading */
    show(&look.plant.inputs[TEMPERATURE], 26, look.now_us);
    assert_int_equal(evaluate(&look).truth, TRUTH_TRUE);
    look_free(&look);
}

static void a_loss_restarts_for(void **state)
{
    (void)state;
    struct look look = look_new("temperature > 25 for 20s");
    (void)evaluate(&look);
    show(&look.plant.inputs[TEMPERATURE], 26, 0);
    (void)evaluate(&look);
    look.now_us = 10 * SECOND;
    show_quality(&look.plant.inputs[TEMPERATURE], QUALITY_STALE, look.now_us);
    assert_int_equal(evaluate(&look).truth, TRUTH_UNKNOWN);
    look.now_us = 19 * SECOND;
    show(&look.plant.inputs[TEMPERATURE], 26, look.now_us);
    assert_true(evaluate(&look).next_us == 39 * SECOND);
    look_free(&look);
}

static void changed_is_true_for_one_evaluation(void **state)
{
    (void)state;
    struct look look = look_new("counter changed");
    assert_true(expression_is_pulse(look.expression));
    assert_int_equal(evaluate(&look).truth, TRUTH_FALSE);
    look.changed = COUNTER;
    assert_int_equal(evaluate(&look).truth, TRUTH_TRUE);
    look.changed = DOOR;
    assert_int_equal(evaluate(&look).truth, TRUTH_FALSE);
    look_free(&look);
}

static void the_first_value_is_no_change(void **state)
{
    (void)state;
    struct look look = look_new("counter changed within 5min or counter rising or counter falling");
    assert_int_equal(evaluate(&look).truth, TRUTH_FALSE);
    look_free(&look);
}

static void changed_within_ends_by_itself(void **state)
{
    (void)state;
    struct look look = look_new("counter changed within 20s");
    show(&look.plant.inputs[COUNTER], 8, SECOND);
    look.now_us = SECOND;
    struct expression_result result = evaluate(&look);
    assert_int_equal(result.truth, TRUTH_TRUE);
    assert_true(result.next_us == 21 * SECOND);
    look.now_us = 21 * SECOND;
    assert_int_equal(evaluate(&look).truth, TRUTH_FALSE);
    look_free(&look);
}

static void rising_and_falling_are_the_direction_of_the_last_change(void **state)
{
    (void)state;
    struct look rising = look_new("counter rising and not counter falling");
    show(&rising.plant.inputs[COUNTER], 8, 0);
    show(&rising.plant.inputs[COUNTER], 8, 0);
    assert_int_equal(evaluate(&rising).truth, TRUTH_TRUE);
    show(&rising.plant.inputs[COUNTER], 7.5, 0);
    assert_int_equal(evaluate(&rising).truth, TRUTH_FALSE);
    look_free(&rising);
}

static void a_window_passes_midnight(void **state)
{
    (void)state;
    struct look look = look_new("not night");
    static const struct {
        int hour; /* UTC; one hour less than local */
        int minute;
        bool night;
        int64_t until_min;
    } rows[] = {{20, 59, false, 1}, {21, 0, true, 480}, {23, 30, true, 330},
                {4, 59, true, 1},   {5, 0, false, 960}, {12, 0, false, 540}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        set_wall(&look, 25, rows[i].hour, rows[i].minute);
        struct expression_result result = evaluate(&look);
        assert_int_equal(result.truth, rows[i].night ? TRUTH_FALSE : TRUTH_TRUE);
        assert_true(result.next_us == rows[i].until_min * MINUTE);
    }
    look_free(&look);
}

static void times_of_day_wait_for_the_clock(void **state)
{
    (void)state;
    struct look look = look_new("after 06:00 and before 24:00 and on mon-sun");
    struct expression_result result = evaluate(&look);
    assert_int_equal(result.truth, TRUTH_UNKNOWN);
    assert_true(result.lost);
    set_wall(&look, 26, 8, 0);
    assert_int_equal(evaluate(&look).truth, TRUTH_TRUE);
    look_free(&look);
}

static void weekdays_end_at_local_midnight(void **state)
{
    (void)state;
    struct look look = look_new("on thu, sat-sun");
    set_wall(&look, 26, 22, 30); /* a Thursday */
    struct expression_result result = evaluate(&look);
    assert_int_equal(result.truth, TRUTH_TRUE);
    assert_true(result.next_us == 30 * MINUTE);
    set_wall(&look, 26, 23, 0);
    assert_int_equal(evaluate(&look).truth, TRUTH_FALSE);
    look_free(&look);
}

static void the_sun_makes_windows(void **state)
{
    (void)state;
    struct look look = look_new("between sunset - 10min and sunrise + 1h");
    set_wall(&look, 26, 12, 0);
    assert_int_equal(evaluate(&look).truth, TRUTH_FALSE);
    set_wall(&look, 26, 15, 30); /* sunset in Berlin: 14:57 UTC */
    assert_int_equal(evaluate(&look).truth, TRUTH_TRUE);
    look_free(&look);
}

static void for_over_a_window_counts_from_its_beginning(void **state)
{
    (void)state;
    struct look look = look_new("night and door is open for 10min");
    look.plant.inputs[DOOR].stale_after_us = 0;
    look.now_us = 3600 * SECOND; /* the door has been open for an hour */
    set_wall(&look, 25, 21, 4);
    struct expression_result result = evaluate(&look);
    assert_int_equal(result.truth, TRUTH_UNKNOWN);
    assert_true(result.next_us == look.now_us + 6 * MINUTE);
    look_free(&look);
}

static void explanations_name_what_was_seen(void **state)
{
    (void)state;
    struct look look = look_new("temperature > 19 °C and pump is Running");
    char text[CAUSE_REASON_SIZE];
    struct expression_view view = view_of(&look);
    struct expression_result result = evaluate(&look);
    expression_explain(look.expression, &result, &view, text, sizeof(text));
    assert_string_equal(text, "temperature > 19 °C and pump is Running "
                              "(temperature is 20 °C, pump is Running)");
    expression_explain(look.expression, &result, &view, text, 21);
    assert_string_equal(text, "temperature > 19 ...");
    show_quality(&look.plant.inputs[PUMP], QUALITY_STALE, 0);
    result = evaluate(&look);
    expression_explain(look.expression, &result, &view, text, sizeof(text));
    assert_string_equal(text, "temperature > 19 °C and pump is Running: input 'pump' is stale");
    look_free(&look);
}

static void the_inputs_that_are_read_are_listed_once(void **state)
{
    (void)state;
    struct look look = look_new("temperature > 19 and (temperature < 25 or pump is stale)");
    size_t count;
    const size_t *inputs = expression_inputs(look.expression, &count);
    assert_int_equal(count, 2);
    assert_int_equal(inputs[0], TEMPERATURE);
    assert_int_equal(inputs[1], PUMP);
    assert_true(expression_minds_quality(look.expression, PUMP));
    assert_false(expression_minds_quality(look.expression, TEMPERATURE));
    look_free(&look);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_compare_in_each_others_units),
        cmocka_unit_test(words_compare_exactly),
        cmocka_unit_test(logic_binds_not_then_and_then_or),
        cmocka_unit_test(what_is_not_known_makes_unknown_only_what_depends_on_it),
        cmocka_unit_test(a_held_input_is_unknown_but_not_lost),
        cmocka_unit_test(hysteresis_keeps_what_held),
        cmocka_unit_test(hysteresis_works_downwards_too_and_forgets_when_lost),
        cmocka_unit_test(for_begins_when_the_condition_begins),
        cmocka_unit_test(for_found_true_counts_from_the_last_change),
        cmocka_unit_test(a_blip_does_not_restart_for),
        cmocka_unit_test(a_loss_restarts_for),
        cmocka_unit_test(changed_is_true_for_one_evaluation),
        cmocka_unit_test(the_first_value_is_no_change),
        cmocka_unit_test(changed_within_ends_by_itself),
        cmocka_unit_test(rising_and_falling_are_the_direction_of_the_last_change),
        cmocka_unit_test(a_window_passes_midnight),
        cmocka_unit_test(times_of_day_wait_for_the_clock),
        cmocka_unit_test(weekdays_end_at_local_midnight),
        cmocka_unit_test(the_sun_makes_windows),
        cmocka_unit_test(for_over_a_window_counts_from_its_beginning),
        cmocka_unit_test(explanations_name_what_was_seen),
        cmocka_unit_test(the_inputs_that_are_read_are_listed_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

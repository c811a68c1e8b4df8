/* What would make a condition otherwise: the words, and that they are true. */
#include "automation-node/calendar/civil.h"
#include "tests/unit/expression_help.h"

static int64_t wall_us(int hour, int minute)
{
    const struct civil_date date = {2026, 11, 26};
    return (civil_day(date) * DAY_S + hour * INT64_C(3600) + minute * INT64_C(60) - 3600) * SECOND;
}

/* After one evaluation with 22 °C, 50 °F, 60 %, pump Running, at ten in the morning. */
static void check(const char *condition, enum truth truth, const char *expected)
{
    struct plant plant = plant_new();
    struct expression *expression;
    struct expression_fault fault;
    struct expression_slot slots[8] = {0};
    struct zone *zone = NULL;
    char text[200];
    assert_int_equal(zone_new_posix("CET-1CEST,M3.5.0,M10.5.0/3", &zone), 0);
    const struct calendar calendar = {.zone = zone};
    if (plant_compile(&plant, condition, &expression, &fault) != 0) {
        fail_msg("%s: %s", condition, fault.text);
    }
    show(&plant.inputs[TEMPERATURE], 22, 0);
    show(&plant.inputs[OUTSIDE], 50, 0);
    show(&plant.inputs[HUMIDITY], 60, 0);
    show_label(&plant.inputs[PUMP], "Running", 0);
    struct expression_view view = {plant.inputs, &calendar, 0, wall_us(10, 0), EXPRESSION_NO_INPUT};
    (void)expression_evaluate(expression, slots, &view);
    view.now_us = 10 * SECOND;
    view.wall_us += 10 * SECOND;
    struct expression_slot before[8];
    memcpy(before, slots, sizeof(slots));
    assert_int_equal(expression_otherwise(expression, slots, &view, text, sizeof(text)), 0);
    assert_memory_equal(before, slots, sizeof(slots));
    assert_int_equal(expression_evaluate(expression, slots, &view).truth, truth);
    if (strcmp(text, expected) != 0) {
        fail_msg("%s: '%s' instead of '%s'", condition, text, expected);
    }
    expression_free(expression);
    zone_free(zone);
}

static void comparisons_turn_at_their_limit(void **state)
{
    (void)state;
    check("temperature > 20 °C", TRUTH_TRUE, "temperature <= 20 °C (now 22 °C)");
    check("temperature >= 20 °C", TRUTH_TRUE, "temperature < 20 °C (now 22 °C)");
    check("temperature > 25 °C", TRUTH_FALSE, "temperature > 25 °C (now 22 °C)");
    check("temperature < 68 °F", TRUTH_FALSE, "temperature < 20 °C (now 22 °C)");
    check("25 °C > temperature", TRUTH_TRUE, "temperature >= 25 °C (now 22 °C)");
    check("humidity = 60", TRUTH_TRUE, "humidity != 60 % (now 60 %)");
    check("temperature between 20 and 25", TRUTH_TRUE,
          "temperature outside of 20 °C and 25 °C (now 22 °C)");
    check("temperature within 1 of 30", TRUTH_FALSE,
          "temperature within 1 °C of 30 °C (now 22 °C)");
}

static void a_hysteresis_moves_the_limit_of_what_holds(void **state)
{
    (void)state;
    check("temperature > 20 °C hysteresis 1 °C", TRUTH_TRUE, "temperature <= 19 °C (now 22 °C)");
    check("temperature < 25 hysteresis 1", TRUTH_TRUE, "temperature >= 26 °C (now 22 °C)");
    check("temperature > 25 °C hysteresis 1 °C", TRUTH_FALSE, "temperature > 25 °C (now 22 °C)");
    check("temperature > outside hysteresis 1", TRUTH_TRUE,
          "temperature <= outside - 1 (now 22 °C)");
}

static void sums_read_as_they_are(void **state)
{
    (void)state;
    check("temperature - outside > 5 °C", TRUTH_TRUE, "temperature - outside <= 5 °C (now 12 °C)");
    check("2 * (temperature + 1 °C) > 50", TRUTH_FALSE, "2 * (temperature + 1 °C) > 50 (now 46)");
}

static void logic_names_what_counts(void **state)
{
    (void)state;
    check("temperature > 20 °C and humidity < 80 %", TRUTH_TRUE,
          "temperature <= 20 °C (now 22 °C) or humidity >= 80 % (now 60 %)");
    check("temperature > 20 °C and humidity > 80 %", TRUTH_FALSE, "humidity > 80 % (now 60 %)");
    check("temperature > 30 °C and humidity > 80 %", TRUTH_FALSE,
          "temperature > 30 °C (now 22 °C) and humidity > 80 % (now 60 %)");
    check("temperature > 20 °C or humidity < 80 %", TRUTH_TRUE,
          "temperature <= 20 °C (now 22 °C) and humidity >= 80 % (now 60 %)");
    check("not (temperature > 20 °C)", TRUTH_FALSE, "temperature <= 20 °C (now 22 °C)");
    check("pump is Running", TRUTH_TRUE, "pump is not Running");
    check("pump is Off", TRUTH_FALSE, "pump is Off (now Running)");
}

static void time_turns_at_its_end(void **state)
{
    (void)state;
    check("between 08:00 and 12:00", TRUTH_TRUE, "it is 12:00:00");
    check("night", TRUTH_FALSE, "it is 22:00:00");
    check("on sat", TRUTH_FALSE, "it is 2026-11-27 00:00:00");
}

static void a_duration_says_how_long_it_has_lasted(void **state)
{
    (void)state;
    check("temperature > 20 °C for 2min", TRUTH_UNKNOWN, "it has lasted 120 s (now 10 s)");
    check("temperature > 20 °C for 5s", TRUTH_TRUE, "temperature <= 20 °C (now 22 °C)");
    check("temperature > 25 °C for 5s", TRUTH_FALSE, "temperature > 25 °C (now 22 °C) for 5 s");
}

static void what_is_not_known_has_to_be_good_again(void **state)
{
    (void)state;
    check("counter > 5", TRUTH_UNKNOWN, "counter is good again");
    check("counter > 5 and temperature > 20 °C", TRUTH_UNKNOWN, "counter is good again");
    check("counter is stale", TRUTH_TRUE, "counter is good again");
    check("temperature is stale", TRUTH_FALSE, "temperature is stale");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comparisons_turn_at_their_limit),
        cmocka_unit_test(a_hysteresis_moves_the_limit_of_what_holds),
        cmocka_unit_test(sums_read_as_they_are),
        cmocka_unit_test(logic_names_what_counts),
        cmocka_unit_test(time_turns_at_its_end),
        cmocka_unit_test(a_duration_says_how_long_it_has_lasted),
        cmocka_unit_test(what_is_not_known_has_to_be_good_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

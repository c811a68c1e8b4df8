/* What a condition can be within what its inputs can show. */
#include "automation-node/expression/possible.h"
#include "tests/unit/expression_help.h"

static struct value pump_labels[2];

static void fill(struct expression_range ranges[PLANT_INPUTS])
{
    pump_labels[0] = label("Off");
    pump_labels[1] = label("Running");
    memset(ranges, 0, PLANT_INPUTS * sizeof(ranges[0]));
    ranges[TEMPERATURE] = (struct expression_range){.has_numbers = true, .low = -40, .high = 85};
    ranges[HUMIDITY] = (struct expression_range){.has_numbers = true, .low = 0, .high = 100};
    ranges[PUMP] = (struct expression_range){.labels = pump_labels, .label_count = 2};
}

static struct expression *compile(const char *text)
{
    struct plant plant = plant_new();
    struct expression *expression = NULL;
    struct expression_fault fault;
    if (plant_compile(&plant, text, &expression, &fault) != 0) {
        fail_msg("%s: %s", text, fault.text);
    }
    return expression;
}

static void check(const char *text, bool can_hold, bool can_fail)
{
    struct expression_range ranges[PLANT_INPUTS];
    struct expression *expression = compile(text);
    fill(ranges);
    struct expression_possible possible = expression_possible(expression, ranges);
    if (possible.can_hold != can_hold || possible.can_fail != can_fail) {
        fail_msg("%s: %d %d", text, possible.can_hold, possible.can_fail);
    }
    expression_free(expression);
}

static void a_limit_beyond_the_range_never_or_always_holds(void **state)
{
    (void)state;
    check("temperature > 85 °C", false, true);
    check("temperature >= 85 °C", true, true);
    check("temperature > 200 °F", false, true);
    check("temperature < 86 °C", true, false);
    check("humidity >= 0", true, false);
    check("humidity < 0", false, true);
    check("counter > 1000000", true, true); /* nothing is known of it */
    check("temperature between 90 and 100", false, true);
    check("humidity within 5 of 110", false, true);
    check("humidity = 101", false, true);
    check("humidity != 101", true, false);
}

static void sums_have_ranges_too(void **state)
{
    (void)state;
    check("humidity + 10 > 111", false, true);
    check("-humidity > 1", false, true);
    check("humidity * 2 > 200", false, true);
    check("humidity / 2 > 51", false, true);
    check("humidity - humidity > 101", false, true);
    check("humidity / temperature > 1000", true, true); /* it may be 0 */
}

static void parts_that_exclude_each_other_never_hold(void **state)
{
    (void)state;
    check("temperature > 30 and temperature < 20", false, true);
    check("temperature > 30 and humidity > 5 and temperature < 20", false, true);
    check("temperature > 20 and temperature < 30", true, true);
    check("temperature > 20 and temperature < 20", false, true);
    check("temperature >= 20 and temperature <= 20", true, true);
    check("temperature < 20 hysteresis 5 and temperature > 22", true, true);
    check("pump is Off and pump is Running", false, true);
    check("temperature > 90 or humidity > 90", true, true);
    check("temperature > 90 or humidity > 190", false, true);
    check("not (temperature > 90)", true, false);
    check("temperature > 90 for 2min", false, true);
}

static void labels_are_those_that_there_are(void **state)
{
    (void)state;
    check("pump is 'Not there'", false, true);
    check("pump is Off", true, true);
    check("door is open", true, true);
    check("pump changed", true, true);
    check("night", true, true);
}

static void two_conditions_meet_or_do_not(void **state)
{
    (void)state;
    static const struct {
        const char *a;
        const char *b;
        bool meet;
    } cases[] = {
        {"temperature > 25", "temperature < 20", false},
        {"temperature > 25", "temperature < 30", true},
        {"temperature > 25", "humidity < 30", true},
        {"pump is Off", "pump is Running and humidity > 1", false},
    };
    struct expression_range ranges[PLANT_INPUTS];
    fill(ranges);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct expression *a = compile(cases[i].a);
        struct expression *b = compile(cases[i].b);
        assert_int_equal(expression_can_meet(a, b, ranges), cases[i].meet);
        expression_free(a);
        expression_free(b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_limit_beyond_the_range_never_or_always_holds),
        cmocka_unit_test(sums_have_ranges_too),
        cmocka_unit_test(parts_that_exclude_each_other_never_hold),
        cmocka_unit_test(labels_are_those_that_there_are),
        cmocka_unit_test(two_conditions_meet_or_do_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "common/units.h"

#include "tests/unit/cmocka_all.h"

#include <errno.h>
#include <math.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct conversion {
    double value;
    const char *from;
    const char *to;
    double expected;
};

static void values_convert(void **state)
{
    (void)state;
    static const struct conversion cases[] = {
        {0, "°C", "K", 273.15},        {20, "degC", "°F", 68},
        {-40, "°F", "C", -40},         {300, "K", "°C", 26.85},
        {1, "bar", "kPa", 100},        {1013.25, "hPa", "mbar", 1013.25},
        {1, "psi", "kPa", 6.89475729}, {12.5, "V", "mV", 12500},
        {250, "mA", "A", 0.25},        {1.5, "kW", "W", 1500},
        {1, "kWh", "MJ", 3.6},         {3000, "rpm", "1/min", 3000},
        {3000, "rpm", "Hz", 50},       {36, "km/h", "m/s", 10},
        {60, "mph", "km/h", 96.56064}, {1.5, "m", "cm", 150},
        {1, "km", "mm", 1e6},          {250, "l", "m³", 0.25},
        {60, "l/min", "m³/h", 3.6},    {1500, "ms", "s", 1.5},
        {90, "min", "h", 1.5},         {400, "ppm", "%", 0.04},
        {2, "t", "kg", 2000},          {180, "°", "rad", 3.14159265},
        {1, "W/m²", "W/m2", 1},        {500, "uS/cm", "mS/cm", 0.5},
        {2, "kHz", "Hz", 2000},        {5, "Nm", "Nm", 5},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        double value = NAN;
        assert_int_equal(units_convert(cases[i].value, cases[i].from, cases[i].to, false, &value),
                         0);
        assert_float_equal(value, cases[i].expected, 1e-6);
        assert_int_equal(units_convert(value, cases[i].to, cases[i].from, false, &value), 0);
        assert_float_equal(value, cases[i].value, 1e-6);
    }
}

static void a_difference_has_no_offset(void **state)
{
    (void)state;
    static const struct conversion cases[] = {
        {1, "°C", "K", 1},
        {1, "K", "°C", 1},
        {1, "°C", "°F", 1.8},
        {9, "°F", "°C", 5},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        double value = NAN;
        assert_int_equal(units_convert(cases[i].value, cases[i].from, cases[i].to, true, &value),
                         0);
        assert_float_equal(value, cases[i].expected, 1e-12);
    }
}

static void decimal_factors_give_exact_results(void **state)
{
    (void)state;
    double value;
    assert_int_equal(units_convert(36, "km/h", "m/s", false, &value), 0);
    assert_true(value == 10.0);
    assert_int_equal(units_convert(21.57, "degC", "°C", false, &value), 0);
    assert_true(value == 21.57);
}

static void different_kinds_do_not_convert(void **state)
{
    (void)state;
    double value = 7;
    assert_int_equal(units_convert(1, "V", "A", false, &value), -EINVAL);
    assert_int_equal(units_convert(1, "", "V", false, &value), -EINVAL);
    assert_int_equal(units_convert(1, "mV", "MV", false, &value), -EINVAL);
    assert_true(value == 7);
    assert_false(units_same_dimension("W", "VA"));
    assert_false(units_same_dimension("°C", "°"));
}

static void an_unknown_unit_equals_only_the_same_text(void **state)
{
    (void)state;
    double value;
    assert_false(units_known("bananas"));
    assert_true(units_same_dimension("bananas", " bananas "));
    assert_false(units_same_dimension("bananas", "Bananas"));
    assert_true(units_same_dimension("", ""));
    assert_int_equal(units_convert(3, "bananas", "bananas", false, &value), 0);
    assert_true(value == 3);
}

static void spaces_around_a_unit_do_not_count(void **state)
{
    (void)state;
    assert_true(units_known(" C"));
    assert_true(units_same_dimension("km / h", "mph "));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_convert),
        cmocka_unit_test(a_difference_has_no_offset),
        cmocka_unit_test(decimal_factors_give_exact_results),
        cmocka_unit_test(different_kinds_do_not_convert),
        cmocka_unit_test(an_unknown_unit_equals_only_the_same_text),
        cmocka_unit_test(spaces_around_a_unit_do_not_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

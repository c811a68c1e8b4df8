#include "edge-gateway/dbc/dbc_float.h"

#include "tests/unit/cmocka_all.h"

#include <math.h>

static void halves_are_as_the_standard_says(void **state)
{
    (void)state;
    static const struct {
        uint16_t half;
        double value;
    } cases[] = {{0x0000, 0},     {0x0001, 0x1p-24}, {0x03FF, 0x1.ff8p-15}, {0x0400, 0x1p-14},
                 {0x3400, 0.25},  {0x3C00, 1},       {0x3C01, 1 + 0x1p-10}, {0xC000, -2},
                 {0x7BFF, 65504}, {0xFBFF, -65504}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_true(dbc_float_from_raw(cases[i].half, 16) == cases[i].value);
        assert_int_equal(dbc_float_to_raw(cases[i].value, 16), cases[i].half);
    }
}

static void every_half_comes_back(void **state)
{
    (void)state;
    for (uint32_t half = 0; half <= 0xFFFF; half++) {
        double value = dbc_float_from_raw(half, 16);
        uint64_t back = dbc_float_to_raw(value, 16);
        if (isnan(value)) {
            assert_true(isnan(dbc_float_from_raw(back, 16)));
        } else {
            assert_int_equal(back, half);
        }
    }
}

static void numbers_between_two_halves_go_to_the_nearest_even_one(void **state)
{
    (void)state;
    assert_int_equal(dbc_float_to_raw(1 + 0x1p-11, 16), 0x3C00);
    assert_int_equal(dbc_float_to_raw(1 + 0x1.8p-10, 16), 0x3C02);
    assert_int_equal(dbc_float_to_raw(0x1p-25, 16), 0);
    assert_int_equal(dbc_float_to_raw(0x1.8p-24, 16), 2);
    assert_int_equal(dbc_float_to_raw(65519, 16), 0x7BFF);
    assert_int_equal(dbc_float_to_raw(65520, 16), 0x7C00);
    assert_int_equal(dbc_float_to_raw(-INFINITY, 16), 0xFC00);
}

static void singles_and_doubles_are_those_of_the_machine(void **state)
{
    (void)state;
    assert_int_equal(dbc_float_to_raw(-0.0, 32), 0x80000000);
    assert_int_equal(dbc_float_to_raw(0.1, 32), 0x3DCCCCCD);
    assert_true(dbc_float_to_raw(0.1, 64) == 0x3FB999999999999A);
    assert_true(dbc_float_from_raw(0x3DCCCCCD, 32) == 0x1.99999ap-4);
    assert_true(dbc_float_from_raw(0x3FB999999999999A, 64) == 0.1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(halves_are_as_the_standard_says),
        cmocka_unit_test(every_half_comes_back),
        cmocka_unit_test(numbers_between_two_halves_go_to_the_nearest_even_one),
        cmocka_unit_test(singles_and_doubles_are_those_of_the_machine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

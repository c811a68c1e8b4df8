#include "topics/json_number.h"

#include "tests/unit/cmocka_all.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void only_the_grammar_of_json_is_a_number(void **state)
{
    (void)state;
    static const char *const good[] = {
        "0", "-0", "21.57", "-4e3", "1E+2", "1e-7", "0.001", "12e0", "18446744073709551616"};
    static const char *const bad[] = {"",   "-",  "+1",  "01",  "-01", ".5",  "5.", "1e",   "1e+",
                                      "1 ", " 1", "nan", "inf", "0x1", "1,5", "1f", "1.5.", "--1"};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_true(json_number_is_valid(good[i], strlen(good[i])));
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(json_number_is_valid(bad[i], strlen(bad[i])));
    }
    assert_false(json_number_is_valid("1\0", 2));
}

static void parsing_refuses_what_a_double_cannot_hold(void **state)
{
    (void)state;
    double value = 7;
    assert_int_equal(json_number_parse("1e999", 5, &value), -ERANGE);
    assert_int_equal(json_number_parse("-1e999", 6, &value), -ERANGE);
    char digits[65];
    memset(digits, '1', sizeof(digits));
    assert_int_equal(json_number_parse(digits, sizeof(digits), &value), -ERANGE);
    assert_int_equal(json_number_parse("1x", 2, &value), -EINVAL);
    assert_true(value == 7);
    assert_int_equal(json_number_parse("21.5x", 4, &value), 0);
    assert_true(value == 21.5);
}

static void integers_reach_both_ends(void **state)
{
    (void)state;
    char text[JSON_NUMBER_TEXT_SIZE];
    size_t length = json_number_from_u64(text, UINT64_MAX);
    assert_memory_equal(text, "18446744073709551615", length);
    assert_int_equal(length, 20);
    length = json_number_from_i64(text, INT64_MIN);
    assert_memory_equal(text, "-9223372036854775808", length);
    assert_int_equal(length, 20);
    assert_int_equal(json_number_from_i64(text, 0), 1);
    assert_int_equal(text[0], '0');
}

static void times_have_no_more_decimals_than_needed(void **state)
{
    (void)state;
    static const struct {
        int64_t us;
        const char *text;
    } cases[] = {
        {1795423160495983, "1795423160.495983"},
        {1795423160500000, "1795423160.5"},
        {1795423160000000, "1795423160"},
        {1795423160000001, "1795423160.000001"},
        {0, "0"},
        {-1, "-0.000001"},
        {-1500000, "-1.5"},
        {INT64_MAX, "9223372036854.775807"},
        {INT64_MIN, "-9223372036854.775808"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[JSON_NUMBER_TEXT_SIZE] = "";
        size_t length = json_number_from_time_us(text, cases[i].us);
        text[length] = '\0';
        assert_string_equal(text, cases[i].text);
    }
}

static void doubles_are_as_short_as_they_can_be(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *text;
    } cases[] = {
        {21.57, "21.57"}, {0.1, "0.1"},      {55, "55"},
        {-0.5, "-0.5"},   {1e300, "1e+300"}, {0.1 + 0.2, "0.30000000000000004"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[JSON_NUMBER_TEXT_SIZE];
        size_t length = json_number_from_double(text, cases[i].value);
        assert_int_equal(length, strlen(cases[i].text));
        assert_memory_equal(text, cases[i].text, length);
        assert_true(json_number_is_valid(text, length));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_grammar_of_json_is_a_number),
        cmocka_unit_test(parsing_refuses_what_a_double_cannot_hold),
        cmocka_unit_test(integers_reach_both_ends),
        cmocka_unit_test(times_have_no_more_decimals_than_needed),
        cmocka_unit_test(doubles_are_as_short_as_they_can_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

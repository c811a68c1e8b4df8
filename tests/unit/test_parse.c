#include "common/parse.h"

#include "tests/unit/cmocka_all.h"

#include <errno.h>
#include <string.h>

static void unsigned_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t max;
        int result;
        uint64_t value;
    } cases[] = {
        {"0", 10, 0, 0},
        {"10", 10, 0, 10},
        {"11", 10, -ERANGE, 0},
        {"18446744073709551615", UINT64_MAX, 0, UINT64_MAX},
        {"18446744073709551616", UINT64_MAX, -ERANGE, 0},
        {"7", 5, -ERANGE, 0},
        {"", 10, -EINVAL, 0},
        {"12abc", 100, -EINVAL, 0},
        {" 1", 10, -EINVAL, 0},
        {"-1", 10, -EINVAL, 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint64_t value = 0;
        assert_int_equal(parse_u64(cases[i].text, strlen(cases[i].text), cases[i].max, &value),
                         cases[i].result);
        assert_true(value == cases[i].value);
    }
}

static void signed_numbers_reach_both_ends(void **state)
{
    (void)state;
    int64_t value;
    assert_int_equal(parse_i64("-9223372036854775808", 20, INT64_MIN, INT64_MAX, &value), 0);
    assert_true(value == INT64_MIN);
    assert_int_equal(parse_i64("9223372036854775808", 19, INT64_MIN, INT64_MAX, &value), -ERANGE);
    assert_int_equal(parse_i64("+5", 2, 0, 5, &value), 0);
    assert_true(value == 5);
    assert_int_equal(parse_i64("-", 1, 0, 5, &value), -EINVAL);
}

static void hexadecimal_numbers(void **state)
{
    (void)state;
    uint64_t value;
    assert_int_equal(parse_hex_u64("1fF", 3, UINT64_MAX, &value), 0);
    assert_true(value == 0x1FF);
    assert_int_equal(parse_hex_u64("0x1", 3, UINT64_MAX, &value), -EINVAL);
}

static void real_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int result;
        double value;
    } cases[] = {
        {"1.5", 0, 1.5},         {".25", 0, 0.25},    {"5.", 0, 5.0},        {"-1e3", 0, -1000.0},
        {"+2", 0, 2.0},          {".", -EINVAL, 0.0}, {"1e", -EINVAL, 0.0},  {"nan", -EINVAL, 0.0},
        {"0x1p3", -EINVAL, 0.0}, {"1,5", -EINVAL, 0}, {"1e999", -ERANGE, 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        double value = 0;
        assert_int_equal(parse_f64(cases[i].text, strlen(cases[i].text), &value), cases[i].result);
        assert_true(value == cases[i].value);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unsigned_numbers),
        cmocka_unit_test(signed_numbers_reach_both_ends),
        cmocka_unit_test(hexadecimal_numbers),
        cmocka_unit_test(real_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

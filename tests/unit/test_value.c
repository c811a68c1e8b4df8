#include "automation-node/input/value.h"

#include "tests/unit/engine_help.h"

#include <errno.h>
#include <math.h>

static void text_becomes_a_number_or_a_label(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int result;
        enum value_kind kind;
        const char *shown;
    } cases[] = {
        {"ON", 0, VALUE_TEXT, "ON"},
        {"OFF", 0, VALUE_TEXT, "OFF"},
        {"on", 0, VALUE_TEXT, "on"},
        {"55", 0, VALUE_NUMBER, "55"},
        {"21.50", 0, VALUE_NUMBER, "21.5"},
        {"-0", 0, VALUE_NUMBER, "0"},
        {"nan", 0, VALUE_TEXT, "nan"},
        {"", -EINVAL, VALUE_NONE, ""},
        {"a\nb", -EINVAL, VALUE_NONE, ""},
        {"1e999", -ERANGE, VALUE_NONE, ""},
        {"1000000000000000000000000000000", 0, VALUE_NUMBER, "1e+30"},
        {"abcdefghijabcdefghijabcdefghijk", 0, VALUE_TEXT, "abcdefghijabcdefghijabcdefghijk"},
        {"abcdefghijabcdefghijabcdefghijkl", -EMSGSIZE, VALUE_NONE, ""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct value value = none();
        assert_int_equal(value_parse(cases[i].text, strlen(cases[i].text), &value),
                         cases[i].result);
        assert_int_equal(value.kind, cases[i].kind);
        assert_value(value, cases[i].shown);
    }
}

static void numbers_are_shown_short_and_read_back_exactly(void **state)
{
    (void)state;
    static const struct {
        double number;
        const char *shown;
    } cases[] = {
        {0.1, "0.1"},
        {21.57, "21.57"},
        {-40, "-40"},
        {1e21, "1e+21"},
        {0.1 + 0.2, "0.30000000000000004"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_value(value_number(cases[i].number), cases[i].shown);
    }
}

static void a_number_that_is_not_finite_is_no_value(void **state)
{
    (void)state;
    assert_int_equal(value_number((double)NAN).kind, VALUE_NONE);
    assert_int_equal(value_number((double)INFINITY).kind, VALUE_NONE);
}

static void equality_minds_kind_and_case(void **state)
{
    (void)state;
    struct value on = label("ON");
    struct value lower = label("on");
    struct value one = value_number(1);
    struct value one_label = label("1");
    struct value two = value_number(2);
    struct value nothing = none();
    assert_true(value_equal(&on, &on));
    assert_false(value_equal(&on, &lower));
    assert_false(value_equal(&one, &one_label));
    assert_false(value_equal(&one, &two));
    assert_true(value_equal(&nothing, &nothing));
    assert_false(value_equal(&nothing, &on));
}

static void formatting_says_how_long_it_would_have_been(void **state)
{
    (void)state;
    struct value value = label("Running");
    char text[4];
    assert_int_equal(value_format(&value, text, sizeof(text)), 7);
    assert_string_equal(text, "Run");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_becomes_a_number_or_a_label),
        cmocka_unit_test(numbers_are_shown_short_and_read_back_exactly),
        cmocka_unit_test(a_number_that_is_not_finite_is_no_value),
        cmocka_unit_test(equality_minds_kind_and_case),
        cmocka_unit_test(formatting_says_how_long_it_would_have_been),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "automation-node/engine/domain.h"

#include "tests/unit/engine_help.h"

#include <math.h>

static struct domain dimmer(void)
{
    struct domain domain = on_off();
    domain.numeric = true;
    domain.min = 0;
    domain.max = 100;
    domain.tolerance = 0.5;
    return domain;
}

static void values_are_checked_against_labels_and_range(void **state)
{
    (void)state;
    struct domain labels = on_off();
    struct domain both = dimmer();
    struct {
        const struct domain *domain;
        struct value value;
        enum refusal refusal;
    } cases[] = {
        {&labels, label("ON"), REFUSAL_NONE},
        {&labels, label("on"), REFUSAL_UNKNOWN_VALUE},
        {&labels, value_number(1), REFUSAL_UNKNOWN_VALUE},
        {&labels, none(), REFUSAL_UNKNOWN_VALUE},
        {&both, label("OFF"), REFUSAL_NONE},
        {&both, label("MAX"), REFUSAL_UNKNOWN_VALUE},
        {&both, value_number(0), REFUSAL_NONE},
        {&both, value_number(100), REFUSAL_NONE},
        {&both, value_number(100.01), REFUSAL_OUT_OF_RANGE},
        {&both, value_number(-1), REFUSAL_OUT_OF_RANGE},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(domain_check(cases[i].domain, &cases[i].value), cases[i].refusal);
    }
}

static void a_domain_must_take_something_and_make_sense(void **state)
{
    (void)state;
    struct domain empty = {0};
    struct domain reversed = {.numeric = true, .min = 1, .max = 0};
    struct domain endless = {.numeric = true, .min = 0, .max = (double)INFINITY};
    struct domain unnamed = {.label_count = 1};
    struct domain vague = dimmer();
    struct domain fine = dimmer();
    vague.tolerance = (double)NAN;
    assert_false(domain_is_valid(&empty));
    assert_false(domain_is_valid(&reversed));
    assert_false(domain_is_valid(&endless));
    assert_false(domain_is_valid(&unnamed));
    assert_false(domain_is_valid(&vague));
    assert_true(domain_is_valid(&fine));
}

static void feedback_is_translated_and_the_unnamed_shown_as_it_is(void **state)
{
    (void)state;
    struct domain domain = on_off();
    domain.labels[0].feedback = label("Running");
    struct value running = label("Running");
    struct value fault = label("Fault");
    assert_value(domain_from_feedback(&domain, &running), "ON");
    assert_value(domain_from_feedback(&domain, &fault), "Fault");
}

static void numbers_match_within_the_tolerance(void **state)
{
    (void)state;
    struct domain domain = dimmer();
    struct value target = value_number(55);
    struct value near = value_number(54.5);
    struct value far = value_number(54.4);
    assert_true(domain_matches(&domain, &target, &near));
    assert_false(domain_matches(&domain, &target, &far));
}

static void each_refusal_has_a_word(void **state)
{
    (void)state;
    for (int i = 0; i < REFUSAL_COUNT; i++) {
        assert_non_null(refusal_name((enum refusal)i));
    }
    assert_string_equal(refusal_name(REFUSAL_OUT_OF_RANGE), "out_of_range");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_checked_against_labels_and_range),
        cmocka_unit_test(a_domain_must_take_something_and_make_sense),
        cmocka_unit_test(feedback_is_translated_and_the_unnamed_shown_as_it_is),
        cmocka_unit_test(numbers_match_within_the_tolerance),
        cmocka_unit_test(each_refusal_has_a_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

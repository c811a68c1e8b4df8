#include "edge-gateway/alarm/alarm_expression.h"

#include "tests/unit/cmocka_all.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Signals a/b/0 to a/b/9 are inputs 0 to 9; a "k" is 1000; labels "Off" and "Running" are 0 and 1;
 * input 9 goes with no other. */
static int word_signal(void *context, const struct alarm_word *path, size_t *ret, char *error)
{
    (void)context;
    if (path->length != 5 || memcmp(path->text, "a/b/", 4) != 0) {
        (void)snprintf(error, ALARM_EXPRESSION_ERROR_BYTES, "no signal '%.*s'", (int)path->length,
                       path->text);
        return -EINVAL;
    }
    *ret = (size_t)(path->text[4] - '0');
    return 0;
}

static int word_label(void *context, size_t input, const struct alarm_word *label, double *ret,
                      char *error)
{
    (void)context;
    (void)input;
    (void)snprintf(error, ALARM_EXPRESSION_ERROR_BYTES, "no such label");
    bool is_running = label->length == 7 && memcmp(label->text, "Running", 7) == 0;
    *ret = is_running ? 1 : 0;
    return is_running || (label->length == 3 && memcmp(label->text, "Off", 3) == 0) ? 0 : -EINVAL;
}

static int word_quantity(void *context, size_t input, double number, const struct alarm_word *unit,
                         double *ret, char *error)
{
    (void)context;
    (void)input;
    (void)snprintf(error, ALARM_EXPRESSION_ERROR_BYTES, "no such unit");
    *ret = number * 1000;
    return unit->length == 1 && unit->text[0] == 'k' ? 0 : -EINVAL;
}

static int word_pair(void *context, size_t one, size_t other, char *error)
{
    (void)context;
    (void)snprintf(error, ALARM_EXPRESSION_ERROR_BYTES, "not alike");
    return one == 9 || other == 9 ? -EINVAL : 0;
}

static const struct alarm_words words = {word_signal, word_label, word_quantity, word_pair, NULL};

static void assert_truth(const char *text, const struct alarm_input *inputs, enum alarm_truth truth)
{
    struct alarm_expression *expression;
    struct alarm_expression_error error = {0};
    if (alarm_expression_compile(text, &words, &expression, &error) < 0) {
        fail_msg("%s: %zu: %s", text, error.offset, error.text);
    }
    if (alarm_expression_evaluate(expression, inputs) != truth) {
        fail_msg("%s is not %d", text, (int)truth);
    }
    alarm_expression_free(expression);
}

/* Values 0 to 3, then one that is not known. */
static const struct alarm_input inputs[10] = {
    {.number = 0, .known = true}, {.number = 1, .known = true},  {.number = 2, .known = true},
    {.number = 3, .known = true}, {.number = 4, .known = false},
};

static void each_comparison_has_its_edge(void **state)
{
    (void)state;
    static const struct {
        const char *sign;
        bool less, equal, greater; /* 1 beside 2, 2 beside 2, 3 beside 2 */
    } cases[] = {
        {"<", true, false, false}, {"<=", true, true, false},  {">", false, false, true},
        {">=", false, true, true}, {"==", false, true, false}, {"!=", true, false, true},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const bool wanted[] = {cases[i].less, cases[i].equal, cases[i].greater};
        for (int input = 1; input <= 3; input++) {
            enum alarm_truth truth = wanted[input - 1] ? ALARM_TRUE : ALARM_FALSE;
            char text[64];
            (void)snprintf(text, sizeof(text), "a/b/%d %s 2", input, cases[i].sign);
            assert_truth(text, inputs, truth);
            (void)snprintf(text, sizeof(text), "a/b/%d%sa/b/2", input, cases[i].sign);
            assert_truth(text, inputs, truth);
        }
    }
}

static void numbers_have_units_signs_and_labels(void **state)
{
    (void)state;
    assert_truth("a/b/2 < 0.003 k", inputs, ALARM_TRUE);
    assert_truth("a/b/2<0.001k", inputs, ALARM_FALSE);
    assert_truth("-1 < a/b/0", inputs, ALARM_TRUE);
    assert_truth("a/b/0 > -.5 and a/b/0 < +0.5", inputs, ALARM_TRUE);
    assert_truth("a/b/1 == 'Running'", inputs, ALARM_TRUE);
    assert_truth("\"Off\" == a/b/1", inputs, ALARM_FALSE);
}

static void words_bind_as_people_expect(void **state)
{
    (void)state;
    assert_truth("a/b/0 == 0 or a/b/1 == 0 and a/b/2 == 0", inputs, ALARM_TRUE);
    assert_truth("(a/b/0 == 0 or a/b/1 == 0) and a/b/2 == 0", inputs, ALARM_FALSE);
    assert_truth("not a/b/0 == 1 and a/b/1 == 1", inputs, ALARM_TRUE);
    assert_truth("not (a/b/0 == 1 or a/b/1 == 1)", inputs, ALARM_FALSE);
    assert_truth("not not a/b/0 == 0", inputs, ALARM_TRUE);
}

static void what_is_not_known_counts_only_where_it_decides(void **state)
{
    (void)state;
    assert_truth("a/b/4 == 4", inputs, ALARM_UNKNOWN);
    assert_truth("not a/b/4 == 4", inputs, ALARM_UNKNOWN);
    assert_truth("a/b/4 == 4 or a/b/0 == 0", inputs, ALARM_TRUE);
    assert_truth("a/b/4 == 4 or a/b/0 == 1", inputs, ALARM_UNKNOWN);
    assert_truth("a/b/4 == 4 and a/b/0 == 0", inputs, ALARM_UNKNOWN);
    assert_truth("a/b/0 == 1 and a/b/4 == 4", inputs, ALARM_FALSE);
}

static void what_cannot_be_read_is_told_with_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t offset;
        const char *reason; /* part of it */
    } cases[] = {
        {"", 0, "should be a signal"},
        {"a/b/1", 5, "one of < <= >"},
        {"a/b/1 =", 6, "one of < <= >"},
        {"a/b/1 > ", 8, "should be a signal"},
        {"a/b/1 > and", 8, "should be a signal"},
        {"a/c/1 > 1", 0, "no signal 'a/c/1'"},
        {"1 > 2", 0, "needs a signal"},
        {"a/b/1 > 1 m", 8, "no such unit"},
        {"a/b/1 > 1 and (a/b/2 == 'Broken')", 24, "no such label"},
        {"a/b/1 == 'Off", 9, "no end"},
        {"a/b/1 == ''", 9, "empty"},
        {"a/b/1 > a/b/9", 0, "not alike"},
        {"a/b/1 > 1 a/b/2 > 1", 8, "no such unit"},
        {"a/b/1 > 1 k a/b/2 > 1", 12, "'and', 'or' or the end"},
        {"(a/b/1 > 1", 10, "')'"},
        {"a/b/1 > 1)", 9, "'and', 'or' or the end"},
        {"a/b/1 > 1-2", 8, "not a number"},
        {"((((((((((((((((a/b/1 > 1))))))))))))))))", 16, "too many"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct alarm_expression *expression = NULL;
        struct alarm_expression_error error = {0};
        int r = alarm_expression_compile(cases[i].text, &words, &expression, &error);
        if (r != -EINVAL || error.offset != cases[i].offset ||
            strstr(error.text, cases[i].reason) == NULL) {
            fail_msg("%s: %d, %zu: %s", cases[i].text, r, error.offset, error.text);
        }
        assert_null(expression);
    }
}

static void a_condition_has_a_bounded_length(void **state)
{
    (void)state;
    char text[2048] = "a/b/1 > 1";
    for (size_t length = strlen(text), i = 0; i < 64; i++) {
        length += (size_t)snprintf(text + length, sizeof(text) - length, " or a/b/1 > 1");
    }
    struct alarm_expression *expression;
    struct alarm_expression_error error;
    assert_int_equal(alarm_expression_compile(text, &words, &expression, &error), -EINVAL);
    assert_non_null(strstr(error.text, "too long"));
}

static void what_it_reads_is_known(void **state)
{
    (void)state;
    struct alarm_expression *expression;
    struct alarm_expression_error error;
    assert_int_equal(
        alarm_expression_compile("a/b/1 > 1 or not 2 < a/b/3", &words, &expression, &error), 0);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(alarm_expression_reads(expression, i), i == 1 || i == 3);
    }
    alarm_expression_free(expression);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_comparison_has_its_edge),
        cmocka_unit_test(numbers_have_units_signs_and_labels),
        cmocka_unit_test(words_bind_as_people_expect),
        cmocka_unit_test(what_is_not_known_counts_only_where_it_decides),
        cmocka_unit_test(what_cannot_be_read_is_told_with_its_place),
        cmocka_unit_test(a_condition_has_a_bounded_length),
        cmocka_unit_test(what_it_reads_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

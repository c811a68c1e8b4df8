#include "common/diagnostics.h"

#include "tests/unit/cmocka_all.h"

#include <string.h>

static void each_entry_says_where_and_what(void **state)
{
    (void)state;
    struct diagnostics *d = diagnostics_new(0);
    diagnostics_add(d, SEVERITY_ERROR, "a.yaml", 3, 7, "unknown key '%s'", "treshold");
    diagnostics_add(d, SEVERITY_WARNING, "a.yaml", 0, 0, "empty");
    char text[128];
    diagnostic_format(diagnostics_at(d, 0), text, sizeof(text));
    assert_string_equal(text, "a.yaml:3:7: error: unknown key 'treshold'");
    diagnostic_format(diagnostics_at(d, 1), text, sizeof(text));
    assert_string_equal(text, "a.yaml: warning: empty");
    diagnostics_free(d);
}

static void beyond_the_limit_entries_are_counted_not_kept(void **state)
{
    (void)state;
    struct diagnostics *d = diagnostics_new(2);
    for (unsigned i = 1; i <= 5; i++) {
        diagnostics_add(d, SEVERITY_WARNING, "f", i, 1, "x");
    }
    assert_int_equal(diagnostics_kept(d), 2);
    assert_int_equal(diagnostics_count(d, SEVERITY_WARNING), 5);
    assert_int_equal(diagnostics_count(d, SEVERITY_ERROR), 0);
    diagnostics_free(d);
}

static void a_flood_of_warnings_hides_no_error(void **state)
{
    (void)state;
    struct diagnostics *d = diagnostics_new(1);
    diagnostics_add(d, SEVERITY_WARNING, "f", 1, 1, "x");
    diagnostics_add(d, SEVERITY_WARNING, "f", 2, 1, "y");
    diagnostics_add(d, SEVERITY_ERROR, "f", 3, 1, "z");
    assert_int_equal(diagnostics_kept(d), 2);
    assert_string_equal(diagnostics_at(d, 1)->message, "z");
    diagnostics_free(d);
}

static void strict_ones_take_warnings_for_errors(void **state)
{
    (void)state;
    struct diagnostics *d = diagnostics_new(0);
    diagnostics_add(d, SEVERITY_WARNING, "f", 1, 1, "before");
    diagnostics_make_strict(d);
    diagnostics_add(d, SEVERITY_WARNING, "f", 2, 1, "after");
    char text[128];
    diagnostic_format(diagnostics_at(d, 0), text, sizeof(text));
    assert_string_equal(text, "f:1:1: warning: before");
    diagnostic_format(diagnostics_at(d, 1), text, sizeof(text));
    assert_string_equal(text, "f:2:1: error: after");
    assert_int_equal(diagnostics_count(d, SEVERITY_WARNING), 1);
    assert_int_equal(diagnostics_count(d, SEVERITY_ERROR), 1);
    diagnostics_free(d);
}

static void an_excerpt_has_its_mark_under_the_column(void **state)
{
    (void)state;
    struct diagnostics *d = diagnostics_new(1);
    char text[128];
    diagnostics_add(d, SEVERITY_ERROR, "f", 3, 9, "x");
    assert_int_equal(diagnostic_format_excerpt(diagnostics_at(d, 0), text, sizeof(text)), 0);
    diagnostics_quote(d, "\tif: µ > 5 °C\nnext", 11);
    diagnostic_format_excerpt(diagnostics_at(d, 0), text, sizeof(text));
    assert_string_equal(text, "  \tif: µ > 5\n  \t       ^");
    diagnostics_add(d, SEVERITY_ERROR, "f", 4, 1, "not kept");
    diagnostics_quote(d, "other", 5);
    diagnostic_format_excerpt(diagnostics_at(d, 0), text, sizeof(text));
    assert_string_equal(text, "  \tif: µ > 5\n  \t       ^");
    diagnostics_free(d);
}

static void a_message_is_one_line_whatever_it_repeats(void **state)
{
    (void)state;
    struct diagnostics *d = diagnostics_new(0);
    diagnostics_add(d, SEVERITY_WARNING, "f", 1, 1, "label '%s'", "a\nb\r\x1B[2J\x7F\t°");
    assert_string_equal(diagnostics_at(d, 0)->message, "label 'a b  [2J  °'");
    diagnostics_free(d);
}

static void a_long_message_ends_between_two_characters(void **state)
{
    (void)state;
    struct diagnostics *d = diagnostics_new(0);
    char text[2 * DIAGNOSTIC_MESSAGE_MAX_BYTES + 1] = "";
    for (size_t i = 0; i < DIAGNOSTIC_MESSAGE_MAX_BYTES; i++) {
        memcpy(text + 2 * i, "ö", sizeof("ö"));
    }
    diagnostics_add(d, SEVERITY_WARNING, "f", 1, 1, "%s", text);
    diagnostics_add(d, SEVERITY_WARNING, "f", 1, 1, "x%s", text);
    diagnostics_add(d, SEVERITY_WARNING, "f", 1, 1, "%.*s", DIAGNOSTIC_MESSAGE_MAX_BYTES, text);
    assert_int_equal(strlen(diagnostics_at(d, 0)->message), DIAGNOSTIC_MESSAGE_MAX_BYTES - 1);
    assert_string_equal(diagnostics_at(d, 0)->message + DIAGNOSTIC_MESSAGE_MAX_BYTES - 6, "ö...");
    assert_int_equal(strlen(diagnostics_at(d, 1)->message), DIAGNOSTIC_MESSAGE_MAX_BYTES);
    assert_string_equal(diagnostics_at(d, 1)->message + DIAGNOSTIC_MESSAGE_MAX_BYTES - 5, "ö...");
    assert_int_equal(strlen(diagnostics_at(d, 2)->message), DIAGNOSTIC_MESSAGE_MAX_BYTES);
    diagnostics_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_entry_says_where_and_what),
        cmocka_unit_test(beyond_the_limit_entries_are_counted_not_kept),
        cmocka_unit_test(a_flood_of_warnings_hides_no_error),
        cmocka_unit_test(strict_ones_take_warnings_for_errors),
        cmocka_unit_test(an_excerpt_has_its_mark_under_the_column),
        cmocka_unit_test(a_message_is_one_line_whatever_it_repeats),
        cmocka_unit_test(a_long_message_ends_between_two_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

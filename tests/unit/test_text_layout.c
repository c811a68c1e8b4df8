#include "edge-gateway/dbc/text_layout.h"

#include "tests/unit/cmocka_all.h"

#define MAX_BYTES 4096

static void every_character_is_one_column(void **state)
{
    (void)state;
    assert_int_equal(text_columns(""), 0);
    assert_int_equal(text_columns("abc"), 3);
    assert_int_equal(text_columns("5 °C … €"), 8);
}

static void a_text_is_filled_up_or_cut(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t columns;
        const char *expected;
    } cases[] = {{"ab", 4, "ab  "}, {"abcd", 4, "abcd"}, {"abcde", 4, "abc…"}, {"°°°°°", 3, "°°…"},
                 {"", 2, "  "},     {"abc", 1, "…"},     {"abc", 0, ""}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf out;
        buf_init(&out, MAX_BYTES);
        buf_puts(&out, "");
        text_put_fitted(&out, cases[i].text, cases[i].columns);
        assert_string_equal(out.data, cases[i].expected);
        buf_deinit(&out);
    }
}

static void a_paragraph_breaks_between_words(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *expected;
    } cases[] = {{"", ""},
                 {" \r\n ", ""},
                 {"one", "  one\n"},
                 {"one two", "  one two\n"},
                 {"one  two\r\nthree", "  one two\n  three\n"},
                 {"öne twö thr", "  öne twö\n  thr\n"},
                 {"a_very_long_word b", "  a_very_long_word\n  b\n"}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf out;
        buf_init(&out, MAX_BYTES);
        buf_puts(&out, "");
        text_put_wrapped(&out, cases[i].text, 2, 9);
        assert_string_equal(out.data, cases[i].expected);
        buf_deinit(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_character_is_one_column),
        cmocka_unit_test(a_text_is_filled_up_or_cut),
        cmocka_unit_test(a_paragraph_breaks_between_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

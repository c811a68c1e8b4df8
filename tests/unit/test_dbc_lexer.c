#include "edge-gateway/dbc/dbc_lexer.h"

#include "tests/unit/cmocka_all.h"

#include <string.h>

static struct dbc_lexer lexer_of(const char *text)
{
    struct dbc_lexer lexer;
    dbc_lexer_init(&lexer, text, strlen(text));
    return lexer;
}

static void assert_span(struct dbc_span span, const char *expected)
{
    assert_int_equal(span.length, strlen(expected));
    assert_memory_equal(span.text, expected, span.length);
}

static void a_word_ends_at_space_or_punctuation(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *word;
    } cases[] = {{"abc def", "abc"}, {"  64_BIT_LE : 1", "64_BIT_LE"},
                 {"a:0|8", "a"},     {"A-B/C.d,", "A-B/C.d"},
                 {"m0M\n", "m0M"},   {"größe;", "größe"}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct dbc_lexer lexer = lexer_of(cases[i].text);
        struct dbc_span word;
        assert_true(dbc_lexer_word(&lexer, &word));
        assert_span(word, cases[i].word);
    }
}

static void a_number_ends_where_the_grammar_ends(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *number;
    } cases[] = {{".25,0", ".25"},  {"-1E-05)", "-1E-05"}, {"1-3", "1"}, {"+7|", "+7"},
                 {"1.e2|", "1.e2"}, {"2e", "2"},           {"5.]", "5."}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct dbc_lexer lexer = lexer_of(cases[i].text);
        struct dbc_span number;
        assert_true(dbc_lexer_number(&lexer, &number));
        assert_span(number, cases[i].number);
    }
}

static void what_is_no_number_is_left_in_place(void **state)
{
    (void)state;
    static const char *const texts[] = {"-", ".", "abc", "-.", ""};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct dbc_lexer lexer = lexer_of(texts[i]);
        struct dbc_span number;
        assert_false(dbc_lexer_number(&lexer, &number));
        assert_ptr_equal(lexer.at, texts[i]);
    }
}

static void strings_span_lines_and_keep_their_escapes(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *string;
        bool closed;
    } cases[] = {
        {"\"\" x", "", true},
        {"\"two\nlines\";", "two\nlines", true},
        {"\"say \\\"hello\\\"\";", "say \\\"hello\\\"", true},
        {"\"C:\\logs\\\";\nBO_ 1 A: 8 X", "C:\\logs\\", true},
        {"\"a \\\";\n b\";", "a \\\";\n b", true},
        {"\"open ;\nBO_ 1", "open", false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct dbc_lexer lexer = lexer_of(cases[i].text);
        struct dbc_span string;
        bool closed;
        assert_true(dbc_lexer_string(&lexer, &string, &closed));
        assert_span(string, cases[i].string);
        assert_int_equal(closed, cases[i].closed);
    }
}

static void positions_count_lines_and_characters(void **state)
{
    (void)state;
    struct dbc_lexer lexer = lexer_of("a\n  °C b");
    struct dbc_span word;
    assert_true(dbc_lexer_word(&lexer, &word));
    assert_true(dbc_lexer_word(&lexer, &word));
    struct dbc_position end = dbc_lexer_token_end(&lexer);
    assert_int_equal(end.line, 2);
    assert_int_equal(dbc_position_column(end), 5);
    (void)dbc_lexer_skip_space(&lexer);
    assert_int_equal(dbc_position_column(dbc_lexer_position(&lexer)), 6);
}

static void skipping_space_tells_of_line_ends_and_skips_comments(void **state)
{
    (void)state;
    struct dbc_lexer lexer = lexer_of("a b // c\n /* d\n */ e");
    struct dbc_span word;
    assert_true(dbc_lexer_word(&lexer, &word));
    assert_false(dbc_lexer_skip_space(&lexer));
    assert_true(dbc_lexer_word(&lexer, &word));
    assert_false(dbc_lexer_skip_blanks(&lexer));
    assert_true(dbc_lexer_skip_space(&lexer));
    assert_true(dbc_lexer_word(&lexer, &word));
    assert_span(word, "e");
    assert_int_equal(lexer.line, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_word_ends_at_space_or_punctuation),
        cmocka_unit_test(a_number_ends_where_the_grammar_ends),
        cmocka_unit_test(what_is_no_number_is_left_in_place),
        cmocka_unit_test(strings_span_lines_and_keep_their_escapes),
        cmocka_unit_test(positions_count_lines_and_characters),
        cmocka_unit_test(skipping_space_tells_of_line_ends_and_skips_comments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "edge-gateway/dbc/text_encoding.h"

#include "tests/unit/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void check(const char *in, size_t in_length, const char *out, enum text_encoding encoding)
{
    struct text_utf8 utf8;
    assert_int_equal(text_to_utf8(in, in_length, &utf8), 0);
    assert_int_equal(utf8.encoding, encoding);
    assert_int_equal(utf8.length, strlen(out));
    assert_memory_equal(utf8.text, out, utf8.length);
    free(utf8.owned);
}

static void utf8_stays_as_it_is(void **state)
{
    (void)state;
    check("°C µm²\n€", strlen("°C µm²\n€"), "°C µm²\n€", TEXT_ENCODING_UTF8);
    check("", 0, "", TEXT_ENCODING_UTF8);
}

static void a_byte_order_mark_goes(void **state)
{
    (void)state;
    check("\xEF\xBB\xBFVERSION", 10, "VERSION", TEXT_ENCODING_UTF8);
}

static void other_lines_are_windows_1252(void **state)
{
    (void)state;
    check("\xB0"
          "C \x80\n°C",
          8, "°C €\n°C", TEXT_ENCODING_CP1252);
}

static void undefined_bytes_become_the_replacement_character(void **state)
{
    (void)state;
    check("\x81", 1, "\xEF\xBF\xBD", TEXT_ENCODING_CP1252);
}

static void nul_becomes_a_space(void **state)
{
    (void)state;
    check("a\0b", 3, "a b", TEXT_ENCODING_UTF8);
}

static void utf16_is_told_apart(void **state)
{
    (void)state;
    struct text_utf8 utf8;
    assert_int_equal(text_to_utf8("\xFF\xFEV\0", 4, &utf8), 0);
    assert_int_equal(utf8.encoding, TEXT_ENCODING_UTF16);
    assert_null(utf8.text);
}

/* The answer, which is the same wherever the text stands among others. */
static bool is_utf8_anywhere(const char *text)
{
    bool alone = text_is_utf8(text, strlen(text));
    for (int before = 0; before < 20; before++) {
        for (int after = 0; after < 20; after++) {
            char line[64];
            int length = snprintf(line, sizeof(line), "%.*s%s%.*s", before, "abcdefghijklmnopqrst",
                                  text, after, "ABCDEFGHIJKLMNOPQRST");
            assert_int_equal(text_is_utf8(line, (size_t)length), alone);
        }
    }
    return alone;
}

static void ill_formed_utf8_is_recognised(void **state)
{
    (void)state;
    static const char *const bad[] = {"\xC0\x80",
                                      "\xE0\x80\x80",
                                      "\xED\xA0\x80",
                                      "\xF4\x90\x80\x80",
                                      "\xF8\x88\x80\x80\x80",
                                      "\x80",
                                      "\xC3",
                                      "\xE2\x82",
                                      "\xC3("};
    static const char *const good[] = {"\xC2\x80", "\xED\x9F\xBF", "\xF4\x8F\xBF\xBF", "a"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(is_utf8_anywhere(bad[i]));
    }
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_true(is_utf8_anywhere(good[i]));
    }
}

static void a_text_is_cut_between_two_characters(void **state)
{
    (void)state;
    assert_int_equal(text_cut("a°€\xF0\x9F\x98\x80", 10, 10), 10);
    assert_int_equal(text_cut("a°€\xF0\x9F\x98\x80", 10, 9), 6);
    assert_int_equal(text_cut("a°€\xF0\x9F\x98\x80", 10, 6), 6);
    assert_int_equal(text_cut("a°€\xF0\x9F\x98\x80", 10, 5), 3);
    assert_int_equal(text_cut("a°€\xF0\x9F\x98\x80", 10, 2), 1);
    assert_int_equal(text_cut("°", 2, 1), 0);
    assert_int_equal(text_cut("", 0, 1), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(utf8_stays_as_it_is),
        cmocka_unit_test(a_byte_order_mark_goes),
        cmocka_unit_test(other_lines_are_windows_1252),
        cmocka_unit_test(undefined_bytes_become_the_replacement_character),
        cmocka_unit_test(nul_becomes_a_space),
        cmocka_unit_test(utf16_is_told_apart),
        cmocka_unit_test(ill_formed_utf8_is_recognised),
        cmocka_unit_test(a_text_is_cut_between_two_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

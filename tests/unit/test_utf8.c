#include "topics/utf8.h"

#include "tests/unit/cmocka_all.h"

#include <string.h>

/* The Unicode Standard, table 3-7, at the edges of every row. */
static void characters_have_the_length_of_the_standard(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t bytes;
    } cases[] = {
        {"A", 1},
        {"\x7F", 1},
        {"\xC2\x80", 2},
        {"\xDF\xBF", 2},
        {"\xE0\xA0\x80", 3},
        {"\xED\x9F\xBF", 3},
        {"\xEF\xBF\xBF", 3},
        {"\xF0\x90\x80\x80", 4},
        {"\xF4\x8F\xBF\xBF", 4},
        {"\x80", 0},             /* continuation alone */
        {"\xC1\xBF", 0},         /* overlong */
        {"\xE0\x9F\xBF", 0},     /* overlong */
        {"\xF0\x8F\xBF\xBF", 0}, /* overlong */
        {"\xED\xA0\x80", 0},     /* surrogate */
        {"\xF4\x90\x80\x80", 0}, /* above U+10FFFF */
        {"\xF5\x80\x80\x80", 0},
        {"\xC3", 0}, /* truncated */
        {"\xE2\x82", 0},
        {"\xE2\x82\x41", 0},
        {"", 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(utf8_char_bytes(cases[i].text, strlen(cases[i].text)), cases[i].bytes);
    }
}

static void control_characters_are_not_printable(void **state)
{
    (void)state;
    assert_true(utf8_is_printable("21.5 \xC2\xB0"
                                  "C",
                                  8));
    assert_false(utf8_is_printable("a\nb", 3));
    assert_false(utf8_is_printable("a\0b", 3));
    assert_false(utf8_is_printable("\x7F", 1));
    assert_false(utf8_is_printable("a\xFF", 2));
    assert_true(utf8_is_printable("", 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(characters_have_the_length_of_the_standard),
        cmocka_unit_test(control_characters_are_not_printable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

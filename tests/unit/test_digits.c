#include "common/digits.h"

#include "tests/unit/cmocka_all.h"
#include "tests/unit/seed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void check_number(uint32_t number)
{
    char expected[DIGITS_LENGTH + 1];
    char text[DIGITS_LENGTH + 1] = "";
    uint32_t back = 0;
    (void)snprintf(expected, sizeof(expected), "%08u", number);
    digits_store(text, digits_of(number) + DIGITS_EACH('0'));
    assert_string_equal(text, expected);
    assert_true(digits_parse(digits_load(text), &back));
    assert_int_equal(back, number);
}

static void numbers_become_text_and_come_back(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 100000; i++) {
        check_number(i);
        check_number(i * 1000 + i % 1000);
        check_number(DIGITS_LIMIT - 1 - i);
    }
    srand(test_seed());
    for (int i = 0; i < 100000; i++) {
        check_number((uint32_t)rand() % DIGITS_LIMIT);
    }
}

static bool is_digit(int c, bool hex)
{
    return (c >= '0' && c <= '9') || (hex && ((c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f')));
}

static void every_other_character_is_refused_at_every_place(void **state)
{
    (void)state;
    for (size_t place = 0; place < DIGITS_LENGTH; place++) {
        for (int c = 0; c < 256; c++) {
            char text[DIGITS_LENGTH + 1] = "90817263";
            uint32_t value = 12345;
            text[place] = (char)c;
            assert_int_equal(digits_parse(digits_load(text), &value), is_digit(c, false));
            assert_int_equal(digits_parse_hex(digits_load(text), &value), is_digit(c, true));
            if (is_digit(c, true)) {
                assert_int_equal(value, strtoul(text, NULL, 16));
            }
        }
    }
}

static void any_eight_characters_are_judged_one_by_one(void **state)
{
    (void)state;
    static const char near[] = "0123456789abcdefABCDEF/:@G`gpPxX \x10\x80\xB0\xFF\x7F";
    srand(test_seed());
    for (int i = 0; i < 300000; i++) {
        char text[DIGITS_LENGTH + 1] = "";
        bool decimal = true;
        bool hex = true;
        for (size_t place = 0; place < DIGITS_LENGTH; place++) {
            size_t among = i % 2 == 0 ? 22 : sizeof(near) - 1;
            text[place] = near[(size_t)rand() % among];
            decimal = decimal && is_digit(text[place], false);
            hex = hex && is_digit(text[place], true);
        }
        uint32_t value = 0;
        assert_int_equal(digits_parse(digits_load(text), &value), decimal);
        assert_int_equal(digits_parse_hex(digits_load(text), &value), hex);
        if (hex) {
            assert_int_equal(value, strtoul(text, NULL, 16));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_become_text_and_come_back),
        cmocka_unit_test(every_other_character_is_refused_at_every_place),
        cmocka_unit_test(any_eight_characters_are_judged_one_by_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

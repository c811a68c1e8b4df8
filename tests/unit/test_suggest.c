#include "common/suggest.h"

#include "tests/unit/cmocka_all.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void distance_counts_single_mistakes(void **state)
{
    (void)state;
    static const struct {
        const char *a;
        const char *b;
        unsigned distance;
    } cases[] = {
        {"", "", 0},
        {"", "abc", 3},
        {"abc", "", 3},
        {"threshold", "threshold", 0},
        {"Threshold", "tHRESHOLD", 0}, /* case does not count */
        {"treshold", "threshold", 1},  /* lost */
        {"threshhold", "threshold", 1},
        {"threshild", "threshold", 1},
        {"thershold", "threshold", 1}, /* swapped */
        {"kitten", "sitting", 3},
        {"ab", "ba", 1},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(suggest_distance(cases[i].a, cases[i].b), cases[i].distance);
        assert_int_equal(suggest_distance(cases[i].b, cases[i].a), cases[i].distance);
    }
}

static const char *nearest(const char *text)
{
    static const char *const keys[] = {"host",         "port",         "username",
                                       "min_interval", "max_interval", "id"};
    struct suggest s;
    suggest_init(&s, text);
    for (size_t i = 0; i < COUNT(keys); i++) {
        suggest_offer(&s, keys[i]);
    }
    return s.best;
}

static void the_nearest_candidate_is_suggested(void **state)
{
    (void)state;
    assert_string_equal(nearest("hsot"), "host");
    assert_string_equal(nearest("user_name"), "username");
    assert_string_equal(nearest("mim_intreval"), "min_interval");
    assert_string_equal(nearest("max_intervall"), "max_interval");
    assert_string_equal(nearest("ID"), "id");
}

static void what_resembles_nothing_gets_no_suggestion(void **state)
{
    (void)state;
    assert_null(nearest("colour"));
    assert_null(nearest("x"));
    assert_null(nearest(""));
}

static void long_texts_are_harmless(void **state)
{
    (void)state;
    char text[SUGGEST_LENGTH_MAX + 2];
    memset(text, 'a', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    assert_int_equal(suggest_distance(text, "a"), SUGGEST_LENGTH_MAX + 1);
    assert_null(nearest(text));
    text[SUGGEST_LENGTH_MAX] = '\0';
    assert_int_equal(suggest_distance(text, "a"), SUGGEST_LENGTH_MAX - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distance_counts_single_mistakes),
        cmocka_unit_test(the_nearest_candidate_is_suggested),
        cmocka_unit_test(what_resembles_nothing_gets_no_suggestion),
        cmocka_unit_test(long_texts_are_harmless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

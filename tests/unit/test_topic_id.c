#include "topics/limits.h"
#include "topics/topic_id.h"

#include "tests/unit/cmocka_all.h"

#include <errno.h>
#include <string.h>

static void ids_are_letters_digits_underscore_and_hyphen(void **state)
{
    (void)state;
    assert_true(topic_id_is_valid("Gw-1_a"));
    static const char *const bad[] = {"",  "a.b",  "a b",       "a/b", "+",
                                      "#", "$SYS", "a\xC3\xA4", "a\n"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(topic_id_is_valid(bad[i]));
    }
    char text[TOPIC_ID_MAX_BYTES + 2];
    memset(text, 'x', sizeof(text));
    assert_true(topic_id_n_is_valid(text, TOPIC_ID_MAX_BYTES));
    assert_false(topic_id_n_is_valid(text, TOPIC_ID_MAX_BYTES + 1));
    assert_false(topic_id_n_is_valid("a\0", 2));
}

static void a_prefix_has_one_or_two_levels(void **state)
{
    (void)state;
    assert_true(topic_prefix_is_valid("edge"));
    assert_true(topic_prefix_is_valid("acme/edge"));
    static const char *const bad[] = {"",     "/",   "edge/", "/edge", "a/b/c",
                                      "a//b", "a/+", "$SYS",  "a b"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(topic_prefix_is_valid(bad[i]));
    }
    char text[TOPIC_PREFIX_MAX_BYTES + 2] = "";
    memset(text, 'x', TOPIC_PREFIX_MAX_BYTES);
    assert_true(topic_prefix_is_valid(text));
    text[TOPIC_PREFIX_MAX_BYTES] = 'x';
    assert_false(topic_prefix_is_valid(text));
}

static void any_text_becomes_a_legal_id(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *id;
    } cases[] = {
        {"Engine_Speed", "Engine_Speed"},
        {"Engine Speed.rpm", "Engine_Speed_rpm"},
        {"K\xC3\xBChlung \xE2\x82\xAC", "K_hlung__"},
        {"a\xFF", "a_"},
        {"", "_"},
        {"set", "set_"},
        {"state", "state_"},
        {"event", "event_"},
        {"devices", "devices_"},
        {"answers", "answers_"},
        {"Set", "Set"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char id[TOPIC_ID_MAX_BYTES + 1];
        assert_int_equal(topic_id_from_text(cases[i].text, id, sizeof(id)), 0);
        assert_string_equal(id, cases[i].id);
        assert_true(topic_id_is_valid(id));
        assert_false(topic_id_is_reserved(id));
    }
}

static void an_id_that_does_not_fit_is_refused_not_cut(void **state)
{
    (void)state;
    char text[TOPIC_ID_MAX_BYTES + 2] = "";
    memset(text, 'x', TOPIC_ID_MAX_BYTES);
    char id[TOPIC_ID_MAX_BYTES + 1] = "untouched";
    assert_int_equal(topic_id_from_text(text, id, 10), -ENAMETOOLONG);
    assert_string_equal(id, "untouched");
    assert_int_equal(topic_id_from_text(text, id, sizeof(id)), 0);
    text[TOPIC_ID_MAX_BYTES] = 'x';
    assert_int_equal(topic_id_from_text(text, id, sizeof(id)), -ENAMETOOLONG);
    assert_int_equal(topic_id_from_text("set", id, 4), -ENAMETOOLONG);
    assert_int_equal(topic_id_from_text("", id, 1), -ENAMETOOLONG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_are_letters_digits_underscore_and_hyphen),
        cmocka_unit_test(a_prefix_has_one_or_two_levels),
        cmocka_unit_test(any_text_becomes_a_legal_id),
        cmocka_unit_test(an_id_that_does_not_fit_is_refused_not_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
